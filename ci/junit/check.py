"""Compares what two JUnit parsers see in a report with what the JSON report of the same run says.

Usage: check.py DIRECTORY SCHEMA CLASSPATH: every sub-directory of DIRECTORY holds
`report.json`, `TEST-report.xml` and `terminal.txt` of one run.
"""

import base64
import collections
import json
import pathlib
import re
import subprocess
import sys
import unicodedata

import jsonschema
import junitparser

HERE = pathlib.Path(__file__).parent
# Shown instead of obeyed besides the controls; the same list in other words is in src/report/text.rs.
ALSO_SHOWN = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]")
LONGEST_MESSAGE = 1000

Case = collections.namedtuple("Case", "classname name outcome type message")


def one_line(text):
    """What a text from outside must look like in an attribute."""
    text = text.replace("\r\n", "\n")
    shown = []
    for c in text:
        if c in "\n\t":
            shown.append(" ")
        elif unicodedata.category(c) == "Cc" or ALSO_SHOWN.match(c):
            shown.append("\\u{%x}" % ord(c))
        else:
            shown.append(c)
    return " ".join("".join(shown).split())


def expected(run):
    """The cases a JUnit report of this run must hold."""
    cases = []
    for case in run["cases"]:
        name = case["check"] + (f"[{case['node']}]" if case["node"] is not None else "")
        outcome = case["outcome"]
        kind, type_, message = {
            "pass": lambda: ("passed", None, None),
            "warn": lambda: ("passed", None, None),
            "fail": lambda: ("failure", one_line(case["finding"]["code"]), case["finding"]["seen"]),
            "broken": lambda: ("error", "broken", case["reason"]),
            "timed-out": lambda: ("error", "timed-out", "no answer within "),
            "blocked": lambda: ("skipped", "blocked", "blocked by " + ", ".join(case["blocked_by"])),
            "not-applicable": lambda: ("skipped", "not-applicable", case["reason"]),
            "skipped": lambda: ("skipped", "skipped", case["reason"]),
        }[outcome]()
        message = None if message is None else one_line(message)
        cases.append(Case(f"ackcheck.{case['area']}", one_line(name), kind, type_, message))
    if run["interrupted"] is not None:
        cases.append(Case("ackcheck.run", "interrupted", "error", "interrupted", "stopped early: "))
    if run["left_behind"]:
        cases.append(Case("ackcheck.run", "left-behind", "passed", None, None))
    return cases


def by_junitparser(file):
    """Suites as (name, tests, failures, errors, skipped), and cases."""
    suites, cases = [], []
    for suite in junitparser.JUnitXml.fromfile(str(file)):
        suites.append((suite.name, suite.tests, suite.failures, suite.errors, suite.skipped))
        properties = {p.name: p.value for p in suite.properties()}
        for needed in ("ackcheck.version", "ackcheck.site"):
            assert needed in properties, f"{file}: suite {suite.name} has no property {needed}"
        for case in suite:
            results = case.result
            assert len(results) <= 1, f"{file}: {case.name} has {len(results)} results"
            if not results:
                cases.append(Case(case.classname, case.name, "passed", None, None))
            else:
                kind = type(results[0]).__name__.lower()
                cases.append(Case(case.classname, case.name, kind, results[0].type, results[0].message))
    return suites, cases


def by_surefire(directory, classpath):
    """The same, as Maven sees it. It keeps no type of what was skipped."""
    command = ["java", "-cp", classpath, str(HERE / "ReadReports.java"), str(directory)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    suites, cases = [], []
    for line in out.splitlines():
        what, *fields = (base64.b64decode(field).decode() for field in line.split(" "))
        if what == "suite":
            suites.append((fields[0], *map(int, fields[1:])))
        else:
            classname, name, outcome, type_, message, _ = (None if field == "null" else field for field in fields)
            cases.append(Case(classname, name, outcome, type_, message))
    return suites, cases


def compare(found, cases, where, types_of_skipped):
    suites, seen = found
    counts = collections.Counter()
    for case in cases:
        counts[case.classname, case.outcome] += 1
    order = list(dict.fromkeys(case.classname for case in cases))
    assert [suite[0] for suite in suites] == order, f"{where}: suites {suites}"
    for name, *numbers in suites:
        tests = sum(count for (classname, _), count in counts.items() if classname == name)
        told = [tests] + [counts[name, outcome] for outcome in ("failure", "error", "skipped")]
        assert numbers == told, f"{where}: {name} counts {numbers}, the run has {told}"
    assert len(seen) == len(cases), f"{where}: {len(seen)} cases, the run has {len(cases)}"
    for mine, theirs in zip(cases, seen):
        assert (mine.classname, mine.name, mine.outcome) == (theirs.classname, theirs.name, theirs.outcome), f"{where}: {mine} / {theirs}"
        if mine.outcome == "passed":
            continue
        if mine.outcome != "skipped" or types_of_skipped:
            assert mine.type == theirs.type, f"{where}: {mine} / {theirs}"
        message = theirs.message or ""
        start = mine.message.encode()[:LONGEST_MESSAGE].decode(errors="ignore")
        assert message.startswith(start), f"{where}: {mine.name}: {message!r} does not start with {start!r}"
        if mine.outcome != "failure" and len(mine.message) < LONGEST_MESSAGE and mine.type not in ("timed-out", "interrupted"):
            assert message == mine.message, f"{where}: {mine.name}: {message!r}"


def main():
    directory, schema, classpath = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text()), sys.argv[3]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    met = collections.Counter()
    runs = sorted(path for path in directory.iterdir() if path.is_dir())
    assert runs, f"{directory} holds no runs"
    for at in runs:
        run = json.loads((at / "report.json").read_text())
        validator.validate(run)
        cases = expected(run)
        # A file without cases would prove nothing.
        assert cases, f"{at} has no cases"
        met.update(case["outcome"] for case in run["cases"])
        compare(by_junitparser(at / "TEST-report.xml"), cases, f"{at.name} by junitparser", True)
        compare(by_surefire(at, classpath), cases, f"{at.name} by surefire-report-parser", False)
        controls = {c for c in (at / "terminal.txt").read_text() if unicodedata.category(c) == "Cc" and c != "\n"}
        assert not controls, f"{at.name}: the terminal is sent {controls}"
        print(f"{at.name}: {len(cases)} cases, seen alike by both parsers; JSON as the schema says; nothing acts on a terminal")
    missing = set(schema["$defs"]["case"]["properties"]["outcome"]["enum"]) - set(met)
    assert not missing, f"no run has a case that ended {missing}"
    # The schema must be able to fail.
    run["cases"][0].pop("outcome")
    assert not validator.is_valid(run), "the schema takes a case without an outcome"
    print(f"{len(runs)} passed, 0 failed")


main()
