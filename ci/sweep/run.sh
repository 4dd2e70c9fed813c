#!/usr/bin/env bash
# Sweeps of every TCP port, by the program itself, in two network namespaces: what a firewall and a bad line do between
# them, and which ports the sweep gets wrong (ci/sweep/accuracy.py); and what sweeps leave others of a host's table of
# connections (ci/sweep/pace.py).
set -uo pipefail
cd "$(dirname "$0")/../.."
suite=sweep
. ci/suite.sh
[ "$(uname -s)" = Linux ] || skip_all no-linux "network namespaces are Linux's own"
[ "$(id -u)" = 0 ] || skip_all no-root "only root can make network namespaces"
unshare --net true 2>/dev/null || skip_all no-namespaces "this machine lets even root make no namespaces"
install_packages nft:nftables ip:iproute2 setpriv:util-linux || skip_all no-packages "nftables and iproute2 cannot be installed"
find_program
find_example steered_sweeps
PATH=$PATH:/usr/sbin:/sbin exec python3 -B ci/sweep/accuracy.py "$program" "$example"
