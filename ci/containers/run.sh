#!/usr/bin/env bash
# The registry checks against a registry in a container, where a Docker engine answers; skipped where none does.
set -uo pipefail
cd "$(dirname "$0")/../.."

suite=containers
. ci/suite.sh
engine=${DOCKER_HOST:-unix:///var/run/docker.sock}
case $engine in
  unix://*) ask() { curl -s --max-time 20 --unix-socket "${engine#unix://}" "${@:2}" "http://localhost$1"; } ;;
  tcp://*) ask() { curl -s --max-time 20 "${@:2}" "http://${engine#tcp://}$1"; } ;;
  *) skip_all unknown-engine "DOCKER_HOST is $engine, which this script does not know to ask" ;;
esac
[ "$(ask /_ping)" = OK ] || skip_all no-engine "no Docker engine answers at $engine"
install_packages /usr/bin/docker-registry:docker-registry ||
  { fail docker-registry "it is not here and cannot be installed"; finish; }

find_program
cargo build --locked --quiet -p ackcheck-containers || { fail "cargo build -p ackcheck-containers" "see above"; finish; }
timeout 900 "${CARGO_TARGET_DIR:-target}/debug/ackcheck-containers" "$program"
code=$?
# testcontainers removes its containers and leaves the images it built.
ask /images/ackcheck-registry:from-scratch -X DELETE >/dev/null
exit $code
