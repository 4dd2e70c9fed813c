"""Judges the text of every file in git: nothing in it belongs to one machine or to one package registry."""

import re
import subprocess
import sys
from pathlib import Path

# Spelt so that this file does not find itself.
HOSTS = [
    r"crates\." + "io/",
    r"repo1?\.maven\." + "org",
    r"pypi\." + "org",
    r"registry\.npmjs\." + "org",
    r"docker\." + r"io/library",
    r"deb\.debian\." + "org",
]
PATHS = [r"(?<![\w.])/wor" + r"k/", r"(?<![\w.])/roo" + r"t/\."]
# Written by package managers, which name their registries there.
LOCKS = ("Cargo.lock", "go.sum")


def files_in_git() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], check=True, capture_output=True, text=True, timeout=60).stdout
    return [Path(name) for name in listed.splitlines()]


def faults(text: str) -> list[tuple[int, str]]:
    """Every line with a name that belongs elsewhere, by its number."""
    forbidden = re.compile("|".join(HOSTS + PATHS))
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if forbidden.search(line)]


def main() -> int:
    wrong = 0
    files = files_in_git()
    for file in files:
        if file.name in LOCKS:
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        for number, line in faults(text):
            wrong += 1
            print(f"{file}:{number}: {line.strip()[:120]}")
    print(f"{len(files)} files, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
