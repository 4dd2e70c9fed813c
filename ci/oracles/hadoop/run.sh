#!/usr/bin/env bash
# The model of Hadoop's Configuration and of its file system for OSS (src/core/hadoop_configuration) against the real
# ones, of three releases: same values, same first failure. One JVM for each release; no name resolves in it.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oracle-hadoop
. ci/suite.sh

step() { "$@" || { fail "$*" "exit $?"; finish; }; }

step install_packages java:default-jdk-headless mvn:maven python3:python3
here=ci/oracles/hadoop
find_example hadoop_configuration
model=$example
step python3 -B $here/hadoop_cases.py 4000 >"$scratch/cases"
"$model" <"$scratch/cases" >"$scratch/model" || { fail "the model" "exit $?"; finish; }
: >"$scratch/hosts"

# release HADOOP SDK
release() {
  local folder=$scratch/$1 counts
  # Made once for each pom.xml, which is copied last.
  if ! cmp -s $here/pom.xml "$folder/pom.xml"; then
    rm -rf "$folder"
    mkdir "$folder"
    timeout 900 mvn --quiet --batch-mode -f $here/pom.xml -Dhadoop="$1" -Dsdk="$2" dependency:build-classpath \
      -Dmdep.outputFile="$(realpath "$folder")/classpath" || return
    cp $here/pom.xml "$folder/pom.xml"
  fi
  timeout 600 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -Djdk.net.hosts.file="$scratch/hosts" \
    -Djava.io.tmpdir="$folder" -cp "$(cat "$folder/classpath")" $here/Oracle.java <"$scratch/cases" \
    >"$folder/real" 2>"$folder/errors" || { tail -20 "$folder/errors"; return 1; }
  cp "$scratch/model" "$folder/model"
  python3 -B $here/hadoop_compare.py "$scratch/cases" "$folder/real" "$folder/model" "hadoop $1" || return
  read -r -a counts <"$folder/model.counts"
  passed=$((passed + counts[0])) failed=$((failed + counts[1]))
}

step release 3.2.1 3.11.2
step release 3.3.6 3.13.2
step release 3.4.1 3.13.2
finish
