"""Whether a job left the reports that it publishes, each of which tells of the one failure or of none.

Arguments: the folder, `holds` or the check that must have failed, and the names of its reports.
"""

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any


def failed_in_junit(text: str) -> set[str]:
    cases = ET.fromstring(text).iter("testcase")
    return {str(case.get("name")) for case in cases if case.find("failure") is not None}


def failed_in_json(text: str) -> set[str]:
    """Of a report, or of code quality: both are known by their shape alone."""
    document: Any = json.loads(text)
    if isinstance(document, list):
        return {entry["check_name"].split("/")[0] for entry in document if entry["severity"] in ("blocker", "critical")}
    return {case["check"] for case in document["cases"] if case["outcome"] == "fail"}


def failed_in_words(text: str, check: str) -> set[str]:
    """People's reports name a check that failed together with its finding."""
    return {check} if f"{check}/" in text else set()


def faults(file: Path, check: str) -> list[str]:
    text = file.read_text()
    if file.suffix == ".xml":
        failed = failed_in_junit(text)
    elif file.suffix == ".json":
        failed = failed_in_json(text)
    else:
        failed = failed_in_words(text, "dss-version")
    expected = set() if check == "holds" else {check}
    return [] if failed == expected else [f"{file.name} tells that {sorted(failed)} failed, not {sorted(expected)}"]


def main() -> int:
    folder, check, *names = Path(sys.argv[1]), *sys.argv[2:]
    missing = [f"{name} is not there" for name in names if not (folder / name).is_file()]
    wrong = missing or [fault for name in names for fault in faults(folder / name, check)]
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
