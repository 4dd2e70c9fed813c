#!/usr/bin/env bash
# The model of Hadoop's Configuration and of its file system for OSS (src/core/hadoop_configuration) against the real
# ones, of three releases: same values, same first failure. One JVM for each release; no name resolves in it. Then the
# real Hadoop works in the lab's bucket.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oracle-hadoop
. ci/suite.sh
. ci/clients/lab.sh

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

# reaches HADOOP: its FsShell works in the lab's bucket, by the real host names, through the lab's proxy: the requests and
# signatures of the client that DSS has. Settings go by core-site.xml, so that no key is in the list of processes.
reaches() {
  local folder=$scratch/$1 root=oss://lab-dss-data/dss/managed/oracle-$1
  rm -rf "$folder/site" "$folder/back"
  mkdir -m 700 "$folder/site"
  setting() { printf '<property><name>%s</name><value>%s</value></property>\n' "$1" "$2"; }
  {
    echo '<configuration>'
    setting fs.oss.impl org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem
    setting fs.oss.endpoint oss-cn-hangzhou-internal.aliyuncs.com
    setting fs.oss.connection.secure.enabled false
    setting fs.oss.proxy.host 127.0.0.1
    setting fs.oss.proxy.port "${proxy##*:}"
    setting fs.oss.accessKeyId LTAI5tLabOssKeyId000001
    setting fs.oss.accessKeySecret "$(cat "$lab_folder/secrets/oss-secret")"
    # The smallest part that OSS takes, so that the file is sent in three.
    setting fs.oss.multipart.upload.size 102400
    setting hadoop.tmp.dir "$folder/tmp"
    echo '</configuration>'
  } >"$folder/site/core-site.xml"
  head -c 300000 /dev/urandom >"$folder/sent"
  shell() {
    timeout 120 java -XX:TieredStopAtLevel=1 -Xmx256m --add-opens java.base/java.lang=ALL-UNNAMED \
      -cp "$folder/site:$(cat "$folder/classpath")" org.apache.hadoop.fs.FsShell "$@"
  }
  expect "hadoop $1 makes a folder" ok -- shell -mkdir -p "$root/in"
  expect "hadoop $1 writes in parts" ok -- shell -put "$folder/sent" "$root/in/sent"
  expect "hadoop $1 lists it" ok '300000 .*/in/sent' -- shell -ls "$root/in"
  expect "hadoop $1 reads it back" ok -- shell -get "$root/in/sent" "$folder/back"
  expect "hadoop $1 reads what it wrote" ok -- cmp "$folder/sent" "$folder/back"
  # What the model says of numbers that a connection opens with, and then fails with. No request is asked twice.
  local once="-D fs.oss.attempts.maximum=0"
  expect "hadoop $1 lists no more than 1000 at once" refused 'max.keys|[Ii]nvalid' -- shell $once -D fs.oss.paging.maximum=1001 -ls "$root/in"
  expect "hadoop $1 takes no negative time" refused "can't be negative" -- shell $once -D fs.oss.connection.timeout=-1 -ls "$root/in"
  expect "hadoop $1 takes no port beyond 65535" refused 'out of range' -- shell $once -D fs.oss.proxy.port=70000 -ls "$root/in"
  expect "hadoop $1 writes with no block of 64M" refused 'For input string' -- shell -D fs.oss.block.size=64M -put "$folder/sent" "$root/in/again"
  expect "hadoop $1 reads no parts of 512K" refused 'For input string' -- shell -D fs.oss.multipart.download.size=512K -cat "$root/in/sent"
  expect "hadoop $1 renames the folder" ok -- shell -mv "$root/in" "$root/out"
  expect "hadoop $1 finds nothing there" refused 'No such file' -- shell -ls "$root/in"
  expect "hadoop $1 deletes all" ok -- shell -rm -r -skipTrash "$root"
}

step release 3.2.1 3.11.2
step release 3.3.6 3.13.2
step release 3.4.1 3.13.2
find_program
start_lab
for hadoop in 3.2.1 3.3.6 3.4.1; do
  reaches "$hadoop"
done
finish
