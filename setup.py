"""The wheel carries what a new project is copied from: settings, notebooks, templates and the catalogue, as ``nq57lab/skeleton``."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
PARTS = (
    "_quarto.yml",
    "_language.yml",
    "notebooks",
    "params",
    "reports/_filters",
    "reports/_templates",
    "reports/assets",
)
DATA = ("catalogue", "registers", "observations", "comparators", "examples", "benchmarks")


class WithSkeleton(build_py):
    """Copy the project's own files into the package that is built."""

    def run(self):
        """Build, then copy; an editable install keeps to the checkout."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "nq57lab" / "skeleton"
        left_out = shutil.ignore_patterns("__pycache__", "cache", "records", "kernel-ipc*", ".ipynb_checkpoints")
        for name in (*PARTS, *(f"data/{part}" for part in DATA)):
            source = HERE / name
            if source.is_dir():
                shutil.copytree(source, target / name, dirs_exist_ok=True, ignore=left_out)
            elif source.is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target / name)


setup(cmdclass={"build_py": WithSkeleton})
