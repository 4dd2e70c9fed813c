"""Judges the text of every file in git: nothing that belongs to one machine or one registry, no file past its size."""

import re
import subprocess
import sys

# Spelt so that this file does not find itself.
HOSTS = [r"crates\." + "io/", r"repo1?\.maven\." + "org", r"pypi\." + "org", r"registry\.npmjs\." + "org", r"docker\." + r"io/library", r"deb\.debian\." + "org"]
PATHS = [r"(?<![\w.])/wor" + r"k/", r"(?<![\w.])/roo" + r"t/\."]
MOST_LINES = 350
MOST_LINES_OF_A_CHECK = 150


def main():
    files = subprocess.run(["git", "ls-files"], check=True, capture_output=True, text=True).stdout.split("\n")
    wrong = []
    for name in filter(None, files):
        if name == "Cargo.lock" or name.endswith("/Cargo.lock") or name.endswith("go.sum"):
            continue
        try:
            text = open(name, encoding="utf-8").read()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        for number, line in enumerate(text.split("\n"), 1):
            for pattern in HOSTS + PATHS:
                if re.search(pattern, line):
                    wrong.append(f"{name}:{number}: {line.strip()[:120]}")
        lines = text.count("\n")
        if name.endswith(".rs"):
            most = MOST_LINES_OF_A_CHECK if re.fullmatch(r"checks/\w+/\w+/mod\.rs", name) else MOST_LINES
            if lines > most:
                wrong.append(f"{name}: {lines} lines, more than {most}")
    for line in wrong:
        print(line)
    print(f"{len(files) - 1} files, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


main()
