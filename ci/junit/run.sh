#!/usr/bin/env bash
# Feeds JUnit files of the real program, hostile ones included, to two parsers that share no code with it: Python's
# junitparser and Maven's surefire-report-parser; the metrics of the same runs to Prometheus's own client; and their JSON to a
# validator of the published schema.
set -uo pipefail
cd "$(dirname "$0")/../.."
suite=junit
. ci/suite.sh

# What is missing fails, unless a step may be skipped: `finish` counts it.
step() { "$@" || { fail "$*" "exit $?"; finish; }; }

step install_packages java:default-jdk-headless mvn:maven
step python_environment clients ci/requirements.txt
find_program
# Made once for each pom.xml; the file is copied last, so that what was made by half is made again.
if ! cmp -s ci/junit/pom.xml "$scratch/maven/pom.xml"; then
  rm -rf "$scratch/maven"
  mkdir "$scratch/maven"
  step timeout 900 mvn --quiet --batch-mode -f ci/junit/pom.xml dependency:build-classpath \
    -Dmdep.outputFile="$scratch/maven/classpath"
  cp ci/junit/pom.xml "$scratch/maven/pom.xml"
fi

rm -rf "$scratch/runs"
mkdir "$scratch/runs"
# report RUN NAME: renders a saved run as each format that has a reader here.
report() {
  mkdir "$scratch/runs/$2"
  "$program" report "$1" --report "junit=$scratch/runs/$2/TEST-report.xml" \
    --report "json=$scratch/runs/$2/report.json" \
    --report "prometheus=$scratch/runs/$2/metrics.prom" --report terminal >"$scratch/runs/$2/terminal.txt"
}
for run in fixtures/runs/*.json; do
  step report "$run" "$(basename "$run" .json)"
done
# The hostile run again, with a megabyte of it in every text that was seen or answered.
step "$python" -B ci/junit/enlarge.py fixtures/runs/hostile.json "$scratch/megabyte.json"
step report "$scratch/megabyte.json" megabyte
# lab NAME CODE [OPTION...]: a run of the program itself on the lab, and how it must end.
lab() {
  local code=0
  mkdir "$scratch/runs/$1"
  timeout 300 "$program" run --lab "${@:3}" --quiet --report "junit=$scratch/runs/$1/TEST-report.xml" \
    --report "json=$scratch/runs/$1/report.json" \
    --report "prometheus=$scratch/runs/$1/metrics.prom" --report terminal >"$scratch/runs/$1/terminal.txt" || code=$?
  [ $code -eq "$2" ]
}
step lab lab-holds 0
step lab lab-fails 1 --fault oss-write/denied

timeout 900 "$python" -B ci/junit/check.py "$scratch/runs" fixtures/report.schema.json "$(cat "$scratch/maven/classpath")"
