"""Known vulnerabilities of the locked packages, asked of the index by pip-audit (in an environment of its own, ``.venv/kiem-goi``).

Fails only where one is found; says so where the index or its list cannot be reached.
"""

import json
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = Path(sys.prefix) / "kiem-goi"
SECONDS = 120


def report() -> dict | None:
    """Return pip-audit's report of ``requirements.lock``; None where it cannot be had."""
    python = PLACE / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    try:
        if not python.exists():
            venv.create(PLACE, with_pip=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip-audit"]
        subprocess.run(install, check=True, timeout=SECONDS, capture_output=True)
        ask = [python, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json"]
        asked = [*ask, "--requirement", ROOT / "requirements.lock"]
        told = subprocess.run(asked, timeout=SECONDS, capture_output=True, text=True)
        return json.loads(told.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def main() -> int:
    """Print what was found, and return 1 where a package has a known vulnerability."""
    found = report()
    packages = found["dependencies"] if found else []
    audited = [package for package in packages if "skip_reason" not in package]
    for package in audited:
        for flaw in package["vulns"]:
            print(
                f"{package['name']} {package['version']}: {flaw['id']}; có bản sửa: {', '.join(flaw['fix_versions']) or '–'}"
            )
    if not audited:
        print("Chưa kiểm tra được lỗ hổng của các gói: không tới được chỉ mục gói hoặc danh sách lỗ hổng.")
    else:
        print(f"Lỗ hổng của các gói: đã hỏi {len(audited)} gói, {len(packages) - len(audited)} gói không hỏi được.")
    return int(any(package["vulns"] for package in audited))


if __name__ == "__main__":
    sys.exit(main())
