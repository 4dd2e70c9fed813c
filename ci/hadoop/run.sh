#!/usr/bin/env bash
# The check hadoop-read-write with real JVMs: the program that is given away starts real Hadoop with real jars on the lab's
# OSS, and must name the layer that is broken. The classes that it brings are compiled again, and compared.
set -uo pipefail
cd "$(dirname "$0")/../.."
suite=hadoop
. ci/suite.sh
. ci/clients/lab.sh

step() { "$@" || { fail "$*" "exit $?"; finish; }; }

step install_packages java:default-jdk-headless javac:default-jdk-headless mvn:maven python3:python3
find_program
work=$(mktemp -d)
trap 'stop_lab; rm -rf "$work"' EXIT

# class_path HADOOP SDK leaves the jars of a release, as Maven resolves them, in a file of that name.
class_path() {
  [ -s "$scratch/$1" ] && cmp -s ci/oracles/hadoop/pom.xml "$scratch/pom.xml" && return
  timeout 900 mvn --quiet --batch-mode -f ci/oracles/hadoop/pom.xml -Dhadoop="$1" -Dsdk="$2" dependency:build-classpath \
    -Dmdep.outputFile="$scratch/$1" || { rm -f "$scratch/$1"; return 1; }
}
step class_path 3.3.6 3.13.0
step class_path 3.2.1 3.11.2
cp ci/oracles/hadoop/pom.xml "$scratch/pom.xml"
whole=$(tr : '\n' <"$scratch/3.3.6")
howto=$(tr : '\n' <"$scratch/3.2.1" | grep -E '/(hadoop-aliyun|aliyun-sdk-oss)-[0-9.]+jar$')

source=src/live/store/hadoop
step javac --release 8 -Xlint:-options -g:source,lines -cp "$(<"$scratch/3.3.6")" -d "$work" $source/AckcheckHadoop.java
for class in AckcheckHadoop AckcheckHadoopWork; do
  expect "$class.class is what its source compiles to" ok -- cmp "$work/$class.class" $source/$class.class
done

# deploy JARS [SETTING VALUE]...: the lab's DSS gets the real Java and these jars, and its connection goes through the lab's
# proxy by HTTP, with these settings besides.
deploy() { python3 -B ci/hadoop/lab_dss.py "$lab_folder" "${proxy##*:}" "$(readlink -f "$(command -v java)")" "$@"; }

# says CODE [TEXT]: what the report must say of the bucket that the connection works in; `pass` for nothing.
says() {
  "$program" run --site "$site" --only hadoop-read-write --report json="$work/report" >"$work/run" 2>&1
  python3 -B ci/hadoop/verdict.py "$work/report" hadoop-read-write "$@"
}

# links CODE [TEXT]: the same of the jars, which no JVM is started for.
links() {
  "$program" run --site "$site" --only hadoop-jar-linkage --report json="$work/report" >"$work/run" 2>&1
  python3 -B ci/hadoop/verdict.py "$work/report" hadoop-jar-linkage "$@"
}

# without PATTERN: the whole class path without the jars of that name.
without() { grep -v "/$1" <<<"$whole"; }

start_lab
deploy "$whole"
expect "Hadoop 3.3.6 with all that it needs" ok -- says pass "makes a folder, writes, lists, reads, renames and deletes"
expect "its jars link" ok -- links pass
expect "nothing stays in the bucket or in /tmp" refused -- \
  sh -c "grep -q '\"left_behind\": *\\[ *\"' $work/report || ls -d ${TMPDIR:-/tmp}/ackcheck-hadoop-* 2>/dev/null"
deploy "$(without 'jdom2\|hadoop-aliyun\|aliyun-sdk-oss')
$howto"
expect "the HOWTO's two jars beside Hadoop 3.3.6" ok -- says class-missing org/jdom2/input/JDOMParseException
expect "and what its jars say" ok -- links class-missing org/jdom2/input/JDOMParseException org.apache.hadoop:hadoop-aliyun:3.3.6
deploy "$(without 'hadoop-aliyun\|aliyun-sdk-oss')
$howto"
expect "and jdom2" ok -- says method-missing SemaphoredDelegatingExecutor
expect "and what its jars say" ok -- links method-missing SemaphoredDelegatingExecutor
deploy "$(without httpcore-)"
expect "a jar less" ok -- says class-missing org/apache/http/
deploy "$(without commons-codec-)"
expect "another jar less" ok -- says class-missing org/apache/commons/codec/binary/Base64
expect "and what its jars say" ok -- links class-missing org/apache/commons/codec/binary/Base64
deploy "$whole" fs.oss.accessKeySecret CANARYoldSecretQ9w8E7r6T5y4
expect "another secret in DSS" ok -- says signature-refused SignatureDoesNotMatch
deploy "$whole" fs.oss.accessKeyId LTAI5tNobodysKey00001 fs.oss.accessKeySecret CANARYoldSecretQ9w8E7r6T5y4
expect "a key that OSS does not know" ok -- says signature-refused InvalidAccessKeyId
deploy "$whole" io.file.buffer.size 64K
expect "a number with a unit" ok -- says setting-refused NumberFormatException
# DSS's own port answers, and is not a proxy.
dss=$(told 'curl http://127.0.0.1:([0-9]+)')
deploy "$whole" fs.oss.connection.secure.enabled true fs.oss.proxy.port "$dss"
expect "a proxy that is none" ok -- says proxy-dead SSL
deploy "$whole"
sed -i 's/^export DKU_JAVA_OPTS="/&--add-modules=no.such.module /' "$lab_folder/dss_data/bin/env-default.sh"
expect "an option that Java does not take" ok -- says java-cannot-start no.such.module

start_lab --fault oss-delete/denied
deploy "$whole"
expect "a key that is not allowed to delete" ok -- says denied oss:DeleteObject
start_lab --fault oss-read/denied
deploy "$whole"
expect "a refusal that Hadoop hides" ok -- says denied oss:GetObject 'No such file'
start_lab --fault oss-parents/parent-not-listable
deploy "$whole"
expect "a key that does not list above the root" ok -- says parent-not-listable oss:ListObjects

# What is begun is ended with the run: a Java that hangs, and Ctrl-C.
start_lab
deploy "$whole"
cat >"$work/java" <<EOF
#!/bin/sh
[ "\$1" != -version ] || { echo 'openjdk version "17.0.15"' >&2; exit; }
echo \$\$ >"$work/started"
sleep 600
EOF
chmod +x "$work/java"
sed -i "s|^export DKUJAVABIN=.*|export DKUJAVABIN=$work/java|" "$lab_folder/dss_data/bin/env-default.sh"
interrupted() {
  rm -f "$work/started"
  TMPDIR=$work "$program" run --site "$site" --only hadoop-read-write >/dev/null 2>&1 &
  local run=$! tries=0
  until [ -s "$work/started" ]; do
    [ $((tries += 1)) != 600 ] && kill -0 $run || return 1
    sleep 0.1
  done
  local mode; mode=$(stat -c %a "$work"/ackcheck-hadoop-*/settings "$work"/ackcheck-hadoop-*)
  tr '\0' ' ' <"/proc/$(<"$work/started")/cmdline" >"$work/arguments"
  kill -INT $run
  wait $run
  echo "modes" $mode
  [ "$(echo $mode)" = "600 700" ] && ! grep -q CANARY "$work/arguments" \
    && ! kill -0 "$(<"$work/started")" 2>/dev/null && ! ls -d "$work"/ackcheck-hadoop-* 2>/dev/null
}
expect "Ctrl-C ends the JVM and removes the settings, which only this account could read" ok -- interrupted

# How long it takes, beside FsShell with the same class path; shown, and not judged.
deploy "$whole"
mkdir -m 700 "$work/site"
python3 -B ci/hadoop/core_site.py "$lab_folder" >"$work/site/core-site.xml"
for _ in 1 2 3; do
  says pass >/dev/null
  python3 -B ci/hadoop/verdict.py "$work/report" hadoop-read-write pass --took
  began=$(date +%s%N)
  java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "$work/site:$(paste -sd: <<<"$whole")" \
    org.apache.hadoop.fs.FsShell -ls oss://lab-dss-data/ >/dev/null 2>&1
  echo "FsShell -ls: $((($(date +%s%N) - began) / 1000000)) ms; see above for what hadoop-read-write took"
done
finish
