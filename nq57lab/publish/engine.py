"""A Papermill engine that runs a notebook's cells in this process: no kernel to start, no import to repeat.

Papermill stays what runs a parameterised notebook (parameters, cells in order, error markers, the executed file); only the
kernel behind it differs. Each notebook gets an empty namespace; modules stay loaded between notebooks.
"""

import contextlib
import io
import warnings
from typing import Any

import nbformat

NAME = "nq57-trong-tien-trinh"


def _shell():
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="IPython (parent|dir)"
        )  # a home that cannot be written is no matter here
        return InteractiveShell.instance(config=config)


_OWN: set[str] = set()


def _empty(shell) -> None:
    """Empty the namespace; the shell's own reset also collects garbage, which costs more than a small notebook."""
    if not _OWN:
        _OWN.update(shell.user_ns)
    for name in [name for name in shell.user_ns if name not in _OWN]:
        del shell.user_ns[name]


def run_cell(shell, source: str, count: int) -> tuple[list[Any], BaseException | None]:
    """Run one cell; return its outputs in the form of the notebook file, and the error that ended it."""
    from IPython.core.displayhook import CapturingDisplayHook
    from IPython.core.displaypub import CapturingDisplayPublisher

    publisher = CapturingDisplayPublisher()
    hook = CapturingDisplayHook(shell=shell, outputs=publisher.outputs)
    kept_publisher, kept_hook = shell.display_pub, shell.display_trap.hook
    printed = io.StringIO()
    shell.display_pub, shell.display_trap.hook = publisher, hook
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            result = shell.run_cell(source, store_history=False)
    finally:
        shell.display_pub, shell.display_trap.hook = kept_publisher, kept_hook
    error = result.error_before_exec or result.error_in_exec
    outputs = []
    if printed.getvalue() and not error:
        outputs.append(nbformat.v4.new_output("stream", name="stdout", text=printed.getvalue()))
    for shown in publisher.outputs:
        data, metadata = shown["data"], shown.get("metadata") or {}
        outputs.append(nbformat.v4.new_output("execute_result", data, metadata=metadata, execution_count=count))
    if error:
        outputs.append(
            nbformat.v4.new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[str(error)])
        )
    return outputs, error


def register() -> str:
    """Make the engine known to Papermill; return its name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from papermill.engines import Engine, papermill_engines

    class InProcess(Engine):
        @classmethod
        def execute_managed_notebook(cls, nb_man, kernel_name, **_: Any) -> None:
            shell = _shell()
            _empty(shell)
            count = 0
            for place, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, place)
                error = None
                if cell.cell_type == "code" and cell.source.strip():
                    count += 1
                    cell.outputs, error = run_cell(shell, cell.source, count)
                    cell.execution_count = count
                if error is not None:
                    nb_man.cell_exception(cell, place, exception=error)
                nb_man.cell_complete(cell, place)
                if error is not None:
                    break

    if NAME not in papermill_engines._engines:
        papermill_engines.register(NAME, InProcess)
    return NAME
