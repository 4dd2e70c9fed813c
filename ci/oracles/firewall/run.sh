#!/usr/bin/env bash
# What ackcheck says that a host's firewall drops beside what becomes of real packets, over rules that a grammar makes for
# nft and iptables. Both ends are namespaces of their own; the lab's host lists the rules of one of them.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oracle-firewall
. ci/suite.sh

[ "$(id -u)" = 0 ] || skip_all no-root "namespaces are made by root"
unshare --net true || skip_all no-namespaces "this machine does not let root make namespaces"
install_packages nft:nftables ip:iproute2 iptables-save:iptables || { fail packages "see above"; finish; }
find_program
export PATH=$PATH:/usr/sbin:/sbin
said=$(timeout 900 python3 -B ci/oracles/firewall/firewall_oracle.py "$program" "${COUNT:-60}")
line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$said" | tail -1)
printf '%s\n' "${said%"$line"}"
line=${line:-0 passed, 1 failed}
passed=$((passed + ${line%% passed*}))
line=${line#* passed, }
failed=$((failed + ${line%% failed*}))
finish
