#!/usr/bin/env bash
# ackcheck on a real Kubernetes, healthy and broken, one way at a time: each case with the
# outcome it must have, and with nothing of ackcheck left behind. ci/cluster/README.md tells what the cluster is made of.
#
# Usage: ci/acceptance.sh [WORD...]     the cases whose title has one of the words; all where none is given
# ACKCHECK_KUBERNETES chooses the version: see ci/cluster/README.md. ACKCHECK names the program; a release build where it
# is not set. Root on Linux; elsewhere it is skipped.
set -uo pipefail
cd "$(dirname "$0")/.."

skip() { echo "$1: skipped"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
[ "$(uname -s)" = Linux ] || skip "network namespaces are Linux's own"
[ "$(uname -m)" = x86_64 ] || skip "the probe's image is for x86-64 nodes"
[ "$(id -u)" = 0 ] || skip "only root can make network namespaces"
unshare --net --mount --pid --fork true 2>/dev/null || skip "this machine lets even root make no namespaces"
[ -w "$(awk '$3 ~ /^cgroup/ { print $2; exit }' /proc/mounts)" ] || skip "the control groups of this machine are read-only"
version=${ACKCHECK_KUBERNETES:-v1.20.2}
grep -q '^ID=debian' /etc/os-release && grep -q '^VERSION_ID="12"' /etc/os-release ||
  [ -x "${XDG_CACHE_HOME:-$HOME/.cache}/ackcheck-cluster/$version/pause" ] || skip "the cluster is made of packages of Debian 12"
[ "$version" = v1.20.2 ] || command -v go >/dev/null || skip "Kubernetes $version is built by Go, which is not here"

ci/cluster/build || exit 1
program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=target/release/ackcheck; } || exit 1
PATH=$PATH:/usr/sbin:/sbin PYTHONDONTWRITEBYTECODE=1 exec python3 ci/cluster/acceptance.py "$(realpath "$program")" "$@"
