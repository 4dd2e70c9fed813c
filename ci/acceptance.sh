#!/usr/bin/env bash
# ackcheck on a real Kubernetes, healthy and broken, one way at a time: each case with the
# outcome it must have, and with nothing of ackcheck left behind. ci/cluster/README.md tells what the cluster is made of.
#
# Usage: ci/acceptance.sh [WORD...]     the cases whose title has one of the words; all where none is given
#        ci/acceptance.sh --build       makes Kubernetes, which is kept, and runs no case
# ACKCHECK_KUBERNETES chooses the version: see ci/cluster/README.md. ACKCHECK names the program; a release build where it
# is not set. Root on Linux; elsewhere it is skipped.
set -uo pipefail
cd "$(dirname "$0")/.."

version=${ACKCHECK_KUBERNETES:-v1.20.2}
suite=acceptance-$version
. ci/suite.sh
[ "$(uname -s)" = Linux ] || skip_all no-linux "network namespaces are Linux's own"
[ "$(uname -m)" = x86_64 ] || skip_all no-x86 "the probe's image is for x86-64 nodes"
[ "$(id -u)" = 0 ] || skip_all no-root "only root can make network namespaces"
unshare --net --mount --pid --fork true 2>/dev/null || skip_all no-namespaces "this machine lets even root make no namespaces"
[ -w "$(awk '$3 ~ /^cgroup/ { print $2; exit }' /proc/mounts)" ] || skip_all no-namespaces "the control groups of this machine are read-only"
grep -q '^ID=debian' /etc/os-release && grep -q '^VERSION_ID="12"' /etc/os-release ||
  [ -x "${XDG_CACHE_HOME:-$HOME/.cache}/ackcheck-cluster/$version/pause" ] || skip_all no-debian "the cluster is made of packages of Debian 12"
[ "$version" = v1.20.2 ] || command -v go >/dev/null || skip_all no-go "Kubernetes $version is built by Go, which is not here"

ci/cluster/build || { fail ci/cluster/build "see above"; finish; }
[ "${1:-}" != --build ] || exit 0
find_program
PATH=$PATH:/usr/sbin:/sbin exec python3 -B ci/cluster/acceptance.py "$program" "$@"
