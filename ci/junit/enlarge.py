"""Writes a saved run again with a megabyte in every text that was seen or answered.

Usage: enlarge.py RUN TO
"""

import json
import sys
from pathlib import Path


def enlarge(source: Path, target: Path) -> None:
    run = json.loads(source.read_text())
    for case in run["cases"]:
        huge = (case["title"] + "\n") * 10_000
        case["evidence"].append({"vantage": "host", "asked": huge, "answered": huge, "took_ms": 1.0})
        if "finding" in case:
            case["finding"]["seen"] = huge
    target.write_text(json.dumps(run))


if __name__ == "__main__":
    enlarge(Path(sys.argv[1]), Path(sys.argv[2]))
