"""Compares what two JUnit parsers, and Prometheus's own reader of metrics, see in reports with what the JSON says.

Usage: check.py DIRECTORY SCHEMA CLASSPATH: every sub-directory of DIRECTORY holds
`report.json`, `TEST-report.xml`, `metrics.prom` and `terminal.txt` of one run.
"""

import base64
import collections
import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import junitparser
from prometheus_client.parser import text_string_to_metric_families

HERE = Path(__file__).parent
# Shown instead of obeyed besides the controls; the same list in other words is in src/core/report/text.rs.
ALSO_SHOWN = re.compile(
    "[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
LONGEST_MESSAGE = 1000


class Case(NamedTuple):
    """A test case as JUnit has it."""

    classname: str
    name: str
    outcome: str
    type: str | None
    message: str | None


class Suite(NamedTuple):
    """A suite and what it counts."""

    name: str
    tests: int
    failures: int
    errors: int
    skipped: int


Seen = tuple[list[Suite], list[Case]]
JsonObject = dict[str, Any]


class WrongError(Exception):
    """What does not agree."""


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise WrongError(otherwise)


def shown(character: str) -> str:
    """What a report shows for a character from outside."""
    if character in "\n\t":
        return " "
    if unicodedata.category(character) == "Cc" or ALSO_SHOWN.match(character):
        return f"\\u{{{ord(character):x}}}"
    return character


def one_line(text: str) -> str:
    """What a text from outside must look like in an attribute."""
    return " ".join("".join(map(shown, text.replace("\r\n", "\n"))).split())


def waived(case: JsonObject) -> str:
    """What is said of a waived case."""
    waiver, finding = case["waiver"], case["finding"]
    ticket = f" ({waiver['ticket']})" if "ticket" in waiver else ""
    return f"waived until {waiver['until']}: {waiver['reason']}{ticket} | {finding['code']}: {finding['seen']}"


# An outcome of the JSON report as JUnit has it: the outcome there, its type, and what its message is or starts with.
OUTCOMES: dict[str, Callable[[JsonObject], tuple[str, str | None, str | None]]] = {
    "pass": lambda _: ("passed", None, None),
    "warn": lambda _: ("passed", None, None),
    "fail": lambda case: ("failure", one_line(case["finding"]["code"]), case["finding"]["seen"]),
    "waived": lambda case: ("skipped", "waived", waived(case)),
    "broken": lambda case: ("error", "broken", case["reason"]),
    "timed-out": lambda _: ("error", "timed-out", "no answer within "),
    "blocked": lambda case: ("skipped", "blocked", "blocked by " + ", ".join(case["blocked_by"])),
    "not-applicable": lambda case: ("skipped", "not-applicable", case["reason"]),
    "skipped": lambda case: ("skipped", "skipped", case["reason"]),
}


def subject_of(case: JsonObject) -> str:
    """A node by its name alone, everything else with its kind."""
    kind, name = case["subject"]["kind"], case["subject"]["name"]
    return name if kind == "node" else f"{kind} {name}"


def expected(run: JsonObject) -> list[Case]:
    """The cases a JUnit report of this run must hold."""
    cases = []
    for case in run["cases"]:
        name = case["check"] + (f"[{subject_of(case)}]" if case["subject"] is not None else "")
        outcome, kind, message = OUTCOMES[case["outcome"]](case)
        line = None if message is None else one_line(message)
        cases.append(Case(f"ackcheck.{case['area']}", one_line(name), outcome, kind, line))
    if run["interrupted"] is not None:
        cases.append(Case("ackcheck.run", "interrupted", "error", "interrupted", "stopped early: "))
    if run["left_behind"]:
        cases.append(Case("ackcheck.run", "left-behind", "passed", None, None))
    if run.get("unused_waivers"):
        cases.append(Case("ackcheck.run", "unused-waivers", "passed", None, None))
    return cases


def by_junitparser(file: Path) -> Seen:
    suites, cases = [], []
    for suite in junitparser.JUnitXml.fromfile(str(file)):
        suites.append(Suite(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped))
        properties = {item.name: item.value for item in suite.properties()}
        for needed in ("ackcheck.version", "ackcheck.site"):
            expect(needed in properties, f"{file}: suite {suite.name} has no property {needed}")
        for case in suite:
            results = case.result
            expect(len(results) <= 1, f"{file}: {case.name} has {len(results)} results")
            if results:
                kind = type(results[0]).__name__.lower()
                cases.append(Case(case.classname, case.name, kind, results[0].type, results[0].message))
            else:
                cases.append(Case(case.classname, case.name, "passed", None, None))
    return suites, cases


def decoded(field: str) -> str | None:
    text = base64.b64decode(field).decode()
    return None if text == "null" else text


def by_surefire(directory: Path, classpath: str) -> Seen:
    """As Maven sees it. It keeps no type of what was skipped."""
    command = ["java", "-cp", classpath, str(HERE / "ReadReports.java"), str(directory)]
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
    suites, cases = [], []
    for line in out.splitlines():
        what, *fields = map(decoded, line.split(" "))
        if what == "suite":
            tests, failures, errors, skipped = (int(field or 0) for field in fields[1:])
            suites.append(Suite(fields[0] or "", tests, failures, errors, skipped))
        else:
            classname, name, outcome, kind, message, _ = fields
            cases.append(Case(classname or "", name or "", outcome or "", kind, message))
    return suites, cases


def compare_suites(suites: list[Suite], cases: list[Case], where: str) -> None:
    counts = collections.Counter((case.classname, case.outcome) for case in cases)
    order = list(dict.fromkeys(case.classname for case in cases))
    expect([suite.name for suite in suites] == order, f"{where}: suites {suites}")
    for suite in suites:
        tests = sum(count for (classname, _), count in counts.items() if classname == suite.name)
        told = Suite(suite.name, tests, *(counts[suite.name, outcome] for outcome in ("failure", "error", "skipped")))
        expect(suite == told, f"{where}: {suite}, the run has {told}")


def compare_case(mine: Case, theirs: Case, where: str, types_of_skipped: bool) -> None:
    expect(mine[:3] == theirs[:3], f"{where}: {mine} / {theirs}")
    if mine.outcome == "passed":
        return
    if mine.outcome != "skipped" or types_of_skipped:
        expect(mine.type == theirs.type, f"{where}: {mine} / {theirs}")
    whole, message = mine.message or "", theirs.message or ""
    start = whole.encode()[:LONGEST_MESSAGE].decode(errors="ignore")
    expect(message.startswith(start), f"{where}: {mine.name}: {message!r} does not start with {start!r}")
    only_start = mine.outcome == "failure" or mine.type in ("timed-out", "interrupted")
    if not only_start and len(whole) < LONGEST_MESSAGE:
        expect(message == whole, f"{where}: {mine.name}: {message!r}")


def compare(seen: Seen, cases: list[Case], where: str, types_of_skipped: bool) -> None:
    suites, found = seen
    compare_suites(suites, cases, where)
    expect(len(found) == len(cases), f"{where}: {len(found)} cases, the run has {len(cases)}")
    for mine, theirs in zip(cases, found, strict=True):
        compare_case(mine, theirs, where, types_of_skipped)


# What became of a case as a metric has it; of anything else it is not known whether it holds.
HOLDS = {"pass": 1.0, "warn": 1.0, "fail": 0.0, "waived": 0.0}
LONGEST_LABEL = 300


def label(text: str) -> str:
    return one_line(text).encode()[:LONGEST_LABEL].decode(errors="ignore")


def compare_metrics(metrics: str, run: JsonObject, where: str) -> None:
    """Every case once, with its outcome, and when the run began."""
    families = {family.name: family.samples for family in text_string_to_metric_families(metrics)}
    wanted: collections.Counter[tuple[Any, ...]] = collections.Counter()
    for case in run["cases"]:
        subject = case["subject"] or {"kind": "", "name": ""}
        labels = (case["area"], label(case["check"]), subject["kind"], label(subject["name"]), case["outcome"])
        wanted[(*labels, HOLDS.get(case["outcome"], -1.0))] += 1
    names = ("area", "check", "kind", "subject", "outcome")
    found = collections.Counter(
        (*(sample.labels[name] for name in names), sample.value) for sample in families["ackcheck_case"]
    )
    expect(found == wanted, f"{where}: {found - wanted} instead of {wanted - found}")
    started = datetime.fromisoformat(run["started"]).timestamp()
    (sample,) = families["ackcheck_run_timestamp_seconds"]
    expect(sample.value == int(started), f"{where}: began at {sample.value}")


def judge(at: Path, run: JsonObject, classpath: str) -> None:
    """Both parsers and the terminal's text against one run."""
    cases = expected(run)
    # A file without cases would prove nothing.
    expect(bool(cases), f"{at} has no cases")
    compare(by_junitparser(at / "TEST-report.xml"), cases, f"{at.name} by junitparser", True)
    compare(by_surefire(at, classpath), cases, f"{at.name} by surefire-report-parser", False)
    compare_metrics((at / "metrics.prom").read_text(), run, f"{at.name} by prometheus_client")
    controls = {c for c in (at / "terminal.txt").read_text() if unicodedata.category(c) == "Cc" and c != "\n"}
    expect(not controls, f"{at.name}: the terminal is sent {controls}")
    said = "seen alike by all parsers; JSON as the schema says; nothing acts on a terminal"
    print(f"{at.name}: {len(cases)} cases, {said}")


def main(directory: Path, schema_file: Path, classpath: str) -> None:
    schema = json.loads(schema_file.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    runs = {at: json.loads((at / "report.json").read_text()) for at in sorted(directory.iterdir()) if at.is_dir()}
    expect(bool(runs), f"{directory} holds no runs")
    for at, run in runs.items():
        validator.validate(run)
        judge(at, run, classpath)
    met = {case["outcome"] for run in runs.values() for case in run["cases"]}
    missing = set(schema["$defs"]["case"]["properties"]["outcome"]["enum"]) - met
    expect(not missing, f"no run has a case that ended {missing}")
    # The schema must be able to fail.
    run["cases"][0].pop("outcome")
    expect(not validator.is_valid(run), "the schema takes a case without an outcome")
    print(f"{len(runs)} passed, 0 failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
