"""Judges lengths: of functions in Python, and of what a check keeps in its mod.rs. Clippy judges functions in Rust.

A file may be as long as its one idea needs. A check's mod.rs is the exception: it is what the author of the next check
reads, and it stays an example only while faults, parsers and wording lie in files beside it.

Usage: lengths.py FILE...
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FUNCTION = 60
LONGEST_CHECK = 150
CHECK = re.compile(r"checks/\w+/\w+/mod\.rs")


def long_functions(source: str) -> Iterator[tuple[int, str, int]]:
    """The line, name and length of each function that is too long, decorators and docstring included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            length = (node.end_lineno or node.lineno) - first + 1
            if length > LONGEST_FUNCTION:
                yield node.lineno, node.name, length


def faults(file: Path) -> Iterator[str]:
    text = file.read_text()
    if CHECK.fullmatch(file.as_posix()):
        lines = text.count("\n")
        if lines > LONGEST_CHECK:
            yield f"{file}: {lines} lines, more than {LONGEST_CHECK}"
    elif file.suffix != ".rs":
        for line, name, length in long_functions(text):
            yield f"{file}:{line}: {name} has {length} lines, more than {LONGEST_FUNCTION}"


def main(files: list[Path]) -> int:
    wrong = [fault for file in files for fault in faults(file)]
    for line in wrong:
        print(line)
    print(f"{len(files)} files, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
