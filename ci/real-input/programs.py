"""This machine's own Java and Python as those of the deployment, and what they and the kernel say of themselves."""

import re
import shutil
import subprocess
from pathlib import Path

from services import Deployment

# What DSS 14.2, the release of the deployment, takes (Dataiku's requirements of DSS 14).
JAVA = 17
PYTHONS = {"3.9", "3.10", "3.11"}
MEMORY_GB = 32


def found(program: str) -> Path:
    """Where it is; where nothing is, a path that says so."""
    return Path(shutil.which(program) or f"/usr/bin/{program}")


def use_own(deployment: Deployment) -> None:
    """Has DSS start this machine's Java, and links its Python environment as the installer does."""
    data = deployment.folder / deployment.data
    script = data / "bin/env-default.sh"
    text, count = re.subn(r"(?m)^export DKUJAVABIN=.*$", f'export DKUJAVABIN="{found("java")}"', script.read_text())
    if count != 1:
        raise SystemExit(f"{script} has {count} lines of DKUJAVABIN")
    script.write_text(text)
    python = data / "pyenv/bin/python"
    python.unlink()
    python.symlink_to(found("python3"))


def expected_java() -> set[str]:
    """By `java -version`."""
    try:
        said = subprocess.run([found("java"), "-version"], capture_output=True, text=True, timeout=60, check=True)
    except OSError:
        return {"missing"}
    numbers = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    feature = int(numbers[1]) if numbers else 0
    if feature < JAVA:
        return {"wrong-version"}
    return {"pass" if feature == JAVA else "unlisted-version"}


def expected_python() -> set[str]:
    """By `python3 --version`."""
    said = subprocess.run([found("python3"), "--version"], capture_output=True, text=True, timeout=60, check=True)
    version = ".".join(said.stdout.split()[1].split(".")[:2])
    return {"pass" if version in PYTHONS else "wrong-version"}


def expected_memory() -> set[str]:
    """By /proc/meminfo; no backend runs, whose control group could allow less."""
    total = re.search(r"MemTotal: +(\d+) kB", Path("/proc/meminfo").read_text())
    if not total:
        return {"broken"}
    return {"memory-low" if int(total[1]) * 1024 < MEMORY_GB * 10**9 else "pass"}
