#!/usr/bin/env bash
# What the probe says of names beside what glibc and musl resolve, over resolv.conf files and zones that a grammar makes.
# Name servers, resolv.conf and hosts are those of namespaces of its own.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oracle-dns
. ci/suite.sh

[ "$(id -u)" = 0 ] || skip_all no-root "namespaces are made by root"
unshare --net --mount true || skip_all no-namespaces "this machine does not let root make namespaces"
install_packages gcc:gcc ip:iproute2 musl-gcc:musl-tools || { fail packages "see above"; finish; }
find_program
# The probe as it travels to nodes, out of the image that the program writes.
"$program" image --output "$scratch/image.tar" >"$scratch/image" 2>&1 || { fail image "$(cat "$scratch/image")"; finish; }
layer=$(tar -xOf "$scratch/image.tar" manifest.json | grep -oE '"Layers":\["[^"]+' | cut -d'"' -f4)
tar -xOf "$scratch/image.tar" "$layer" | tar -xzf - -C "$scratch" ackcheck-probe || { fail probe "it is not in the image"; finish; }
for compiler in gcc musl-gcc; do
  "$compiler" -O1 -Wall -o "$scratch/$compiler-lookup" ci/oracles/dns/lookup.c || { fail "$compiler" "see above"; finish; }
done
said=$(timeout 900 unshare --net --mount -- python3 -B ci/oracles/dns/dns_oracle.py \
  "$scratch/ackcheck-probe" "$scratch/gcc-lookup" "$scratch/musl-gcc-lookup" "$scratch" "${COUNT:-240}")
line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$said" | tail -1)
printf '%s\n' "${said%"$line"}"
line=${line:-0 passed, 1 failed}
passed=$((passed + ${line%% passed*}))
line=${line#* passed, }
failed=$((failed + ${line%% failed*}))
finish
