#!/usr/bin/env bash
# Feeds JUnit files of the real program, hostile ones included, to two parsers that share no code with it: Python's
# junitparser and Maven's surefire-report-parser; and the JSON of the same runs to a validator of the published schema.
#
# Usage: ci/junit/run.sh [ACKCHECK]   the program to ask; the debug build where not given, built if need be
# Needs: python3 with venv, java, mvn; fetches what requirements.txt and pom.xml name. Writes to target/ci-junit only.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
scratch=${CARGO_TARGET_DIR:-$root/target}/ci-junit
if [ $# -ge 1 ]; then
    ackcheck=$(realpath "$1")
else
    cargo build --quiet --manifest-path "$root/Cargo.toml"
    ackcheck=${CARGO_TARGET_DIR:-$root/target}/debug/ackcheck
fi
for command in python3 java mvn; do
    command -v "$command" >/dev/null || { echo "ci/junit: $command is not there" >&2; exit 2; }
done
mkdir -p "$scratch"

if ! cmp -s "$here/requirements.txt" "$scratch/venv/requirements.txt"; then
    rm -rf "$scratch/venv"
    python3 -m venv "$scratch/venv"
    "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$scratch/venv/"
fi
if ! cmp -s "$here/pom.xml" "$scratch/maven/pom.xml"; then
    rm -rf "$scratch/maven"
    mkdir "$scratch/maven"
    cp "$here/pom.xml" "$scratch/maven/pom.xml.new"
    mvn --quiet --batch-mode -f "$scratch/maven/pom.xml.new" dependency:build-classpath \
        -Dmdep.outputFile="$scratch/maven/classpath"
    mv "$scratch/maven/pom.xml.new" "$scratch/maven/pom.xml"
fi

rm -rf "$scratch/runs"
mkdir "$scratch/runs"
# report RUN NAME: renders a saved run as both formats.
report() {
    mkdir "$scratch/runs/$2"
    "$ackcheck" report "$1" --report "junit=$scratch/runs/$2/TEST-report.xml" \
        --report "json=$scratch/runs/$2/report.json" --report terminal >"$scratch/runs/$2/terminal.txt"
}
for run in "$root"/fixtures/runs/*.json; do
    report "$run" "$(basename "$run" .json)"
done
# The hostile run again, with a megabyte of it in every text that was seen or answered.
"$scratch/venv/bin/python" - "$root/fixtures/runs/hostile.json" "$scratch/megabyte.json" <<'PYTHON'
import json, sys
run = json.load(open(sys.argv[1]))
for case in run["cases"]:
    huge = (case["title"] + "\n") * 10_000
    case["evidence"] += [{"seat": "host", "asked": huge, "answered": huge, "took_ms": 1.0}]
    if "finding" in case:
        case["finding"]["seen"] = huge
json.dump(run, open(sys.argv[2], "w"))
PYTHON
report "$scratch/megabyte.json" megabyte
# Runs of the program itself, on the lab: one that holds, one that fails.
lab() {
    mkdir "$scratch/runs/$1"
    code=0
    "$ackcheck" run --lab "${@:3}" --quiet --report "junit=$scratch/runs/$1/TEST-report.xml" \
        --report "json=$scratch/runs/$1/report.json" --report terminal >"$scratch/runs/$1/terminal.txt" || code=$?
    [ $code -eq "$2" ] || { echo "ci/junit: the run $1 ended with $code, not $2" >&2; exit 1; }
}
lab lab-holds 0
lab lab-fails 1 --fault oss-write/denied

"$scratch/venv/bin/python" "$here/check.py" "$scratch/runs" "$root/fixtures/report.schema.json" \
    "$(cat "$scratch/maven/classpath")"
