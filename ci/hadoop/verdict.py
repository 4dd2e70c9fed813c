"""What a report says of hadoop-read-write in the bucket that the lab's connection works in, or of hadoop-jar-linkage.

Arguments: the report, the check, what it must say (`pass`, or a finding), and texts that must stand in it; or `--took`,
to print for how long Hadoop ran.
"""

import json
import sys
from pathlib import Path


def main() -> int:
    report, check, wanted, *texts = sys.argv[1:]
    cases = json.loads(Path(report).read_text())["cases"]
    of_check = [case for case in cases if case["check"] == check]
    (case,) = [case for case in of_check if (case.get("subject") or {}).get("name", "lab-dss-data") == "lab-dss-data"]
    if texts == ["--took"]:
        ran = [asked["took_ms"] for asked in case["evidence"] if asked["asked"].startswith("Hadoop in ")]
        print(f"hadoop-read-write: {', '.join(f'{took:.0f} ms' for took in ran)}")
        return 0
    said = (case.get("finding") or {}).get("code", case["outcome"])
    print(said, json.dumps({key: value for key, value in case.items() if key != "evidence"})[:1500])
    return int(said != wanted or not all(text in json.dumps(case) for text in texts))


sys.exit(main())
