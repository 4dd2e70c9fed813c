"""Compares what Hadoop does with settings to what the model says of it: same value, same first failure.

The model may say that it does not know, where a value depends on what only a running JVM has, on a class or on a
credential store; how often it does is bounded too.
"""

import json
import sys
from pathlib import Path

# Of two failures, another one comes first in this release; the model has the order of the others. Each with its reason.
EARLIER = {
    "hadoop 3.4.1": {"fs.oss.multipart.upload.size": "AliyunOSSFileSystem reads it before it makes the store"},
}
# In otherwise good cases, half of the values are made to be unknown: variables, classes, stores.
MOST_UNKNOWN = 0.2


def lines(path: str) -> list[dict[str, object]]:
    """The answers or cases of a file."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def explained(name: str, real: dict[str, object], model: dict[str, object]) -> bool:
    """True where the release meets a failure first that the model has, or may have, further back."""
    failures, values = model["failures"], model["values"]
    assert isinstance(failures, list)
    assert isinstance(values, dict)
    earlier = EARLIER.get(name, {})
    known = any(key in earlier and kind == real["failure"] for key, kind in failures)
    return known or any("unknown" in values[key] for key in earlier)


def differences(
    name: str, case: dict[str, object], real: dict[str, object], model: dict[str, object]
) -> tuple[list[str], bool]:
    """What differs, and whether the model left anything open."""
    told: list[str] = []
    open_ = False
    real_values, model_values = real["values"], model["values"]
    assert isinstance(real_values, dict)
    assert isinstance(model_values, dict)
    for key, value in model_values.items():
        if "unknown" in value:
            open_ = True
            if "${" not in json.dumps(case):
                told.append(f"{key}: the model does not know, and there is no variable")
        elif value != real_values[key]:
            told.append(f"{key}: Hadoop {real_values[key]!r}, the model {value!r}")
    failure = str(model["failure"])
    if failure.startswith("unknown: "):
        open_ = True
    elif failure != real["failure"] and not explained(name, real, model):
        told.append(f"first failure: Hadoop {real['failure']!r}, the model {failure!r}")
    return told, open_


def main() -> None:
    """CASES REAL MODEL NAME: prints what differs, and the counts for the suite."""
    cases, reals, models = (lines(path) for path in sys.argv[1:4])
    name = sys.argv[4]
    failed = unknown = 0
    if not len(cases) == len(reals) == len(models):
        print(f"FAILED  {name}: {len(cases)} cases, {len(reals)} answers of Hadoop, {len(models)} of the model")
        sys.exit(2)
    kinds: dict[str, int] = {}
    for case, real, model in zip(cases, reals, models, strict=True):
        told, open_ = differences(name, case, real, model)
        unknown += open_
        kinds[str(real["failure"])[:40]] = kinds.get(str(real["failure"])[:40], 0) + 1
        if told:
            failed += 1
            settings = json.dumps([case["instance"], case["connection"]])
            print(f"FAILED  {name}: {settings}\n        " + "\n        ".join(told))
    share = unknown / len(cases)
    print(f"{name}: {len(cases)} cases, {failed} differ, in {unknown} ({share:.0%}) the model leaves something open")
    print(f"        first failures of Hadoop: {kinds}")
    if share > MOST_UNKNOWN:
        print(f"FAILED  {name}: more than {MOST_UNKNOWN:.0%} left open")
        failed += 1
    Path(f"{sys.argv[3]}.counts").write_text(f"{max(len(cases) - failed, 0)} {failed}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
