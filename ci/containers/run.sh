#!/usr/bin/env bash
# The registry checks against a registry in a container, where a Docker engine answers; skipped where none does.
set -uo pipefail
cd "$(dirname "$0")/../.."

skip() { echo "$1: skipped"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
engine=${DOCKER_HOST:-unix:///var/run/docker.sock}
case $engine in
  unix://*) ask() { curl -s --max-time 20 --unix-socket "${engine#unix://}" "${@:2}" "http://localhost$1"; } ;;
  tcp://*) ask() { curl -s --max-time 20 "${@:2}" "http://${engine#tcp://}$1"; } ;;
  *) skip "DOCKER_HOST is $engine, which this script does not know to ask" ;;
esac
[ "$(ask /_ping)" = OK ] || skip "no Docker engine answers at $engine"
[ -x /usr/bin/docker-registry ] || skip "Debian's docker-registry is not here; ci/real-input/run.sh installs it"

program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=target/release/ackcheck; } || exit 1
cargo build --locked --quiet -p ackcheck-containers || exit 1
target/debug/ackcheck-containers "$(realpath "$program")"
code=$?
# testcontainers removes its containers and leaves the images it built.
ask /images/ackcheck-registry:from-scratch -X DELETE >/dev/null
exit $code
