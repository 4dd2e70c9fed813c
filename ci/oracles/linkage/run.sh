#!/usr/bin/env bash
# What hadoop-jar-linkage says of class paths, against real JVMs that ran real Hadoop on them: rows.json, which was made once
# with Java 11, 17, 21 and 25. No JVM runs here. `run.sh all` walks all rows whose Java and jars are here.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oracle-linkage
. ci/suite.sh

step() { "$@" || { fail "$*" "exit $?"; finish; }; }

step install_packages java:default-jdk-headless mvn:maven python3:python3
here=ci/oracles/linkage
find_example linkage
jars() {
  python3 -B $here/linkage_oracle.py jars "$scratch" "$@" || return
  # Fetched once for each pom.xml, which is copied last.
  cmp -s "$scratch/pom.xml" "$scratch/fetched.xml" && return
  three_tries mvn --quiet --batch-mode -f "$scratch/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy || return
  cp "$scratch/pom.xml" "$scratch/fetched.xml"
}
step jars "$@"
step python3 -B $here/linkage_oracle.py paths "$scratch" "$@"
timeout 900 "$example" <"$scratch/paths" >"$scratch/walked" || { fail "the walk" "exit $?"; finish; }
python3 -B $here/linkage_oracle.py compare "$scratch" "$@" || echo "what differs is above"
read -r -a counts <"$scratch/counts"
passed=$((passed + counts[0])) failed=$((failed + counts[1]))
finish
