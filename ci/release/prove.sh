#!/usr/bin/env bash
# Proves a program that is given away: what its ELF asks for, and what it does in a root that holds nothing but it and
# /tmp; no /etc, no /dev, no /proc; in the end a shell and three programs. ci/release.sh calls it, as root in a network namespace of its
# own where it can.
#
# Usage, in the root of the repository: ci/release/prove.sh FILE VERSION
set -uo pipefail
file=$1 version=$2
suite=release
. ci/suite.sh
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
elf() { readelf --wide "$@" "$file" | grep -E 'INTERP|NEEDED'; }
expect "no interpreter and no library is asked for" 1 '^$' -- elf --program-headers --dynamic
expect "ldd agrees" 0 'statically linked|not a dynamic' -- bash -c 'ldd "$1" 2>&1 || true' bash "$file"

# The commands of the lab's host (hostname, getent, docker) are scripts: they need a shell and a few programs of every Linux,
# each with its own libraries, and a /dev/null to read from.
lab() {
  local program needed
  mkdir -p "$root/bin" "$root/dev" && : >"$root/dev/null"
  for program in sh grep sed printenv; do
    cp -L "$(command -v "$program")" "$root/bin/$program"
    for needed in $(ldd "$root/bin/$program" | grep -oE '/[^ ]+'); do
      mkdir -p "$root/$(dirname "$needed")" && cp -L "$needed" "$root/$needed"
    done
  done
  expect "with a shell and three programs beside it, it runs the lab" 0 'exit 0: ' -- "${inside[@]}" run --lab
  expect "and finds what is broken there" 1 'FAIL +oss-write' -- "${inside[@]}" run --lab --fault oss-write/denied
}

[ "$(id -u)" = 0 ] || { skip no-chroot "neither root nor a user namespace, so no chroot"; finish; }
root=$work/root
mkdir -p "$root/tmp" && cp "$file" "$root/ackcheck"
inside=(timeout 120 chroot "$root" /ackcheck)
ip link set lo up 2>/dev/null
expect "in a bare root it starts" 0 "^ackcheck ${version//./\\.}\$" -- "${inside[@]}" --version
expect "and carries the probe" 0 'imageLayoutVersion' -- \
  bash -c '"$@" image 2>/dev/null | tar -xO oci-layout' bash "${inside[@]}"
resolve=("${inside[@]}" probe resolve)
expect "without an /etc there is no name server" 0 '"answer":"no-server"' -- "${resolve[@]}" dss.corp.example

# It says so when it listens.
exec {ready}< <(exec python3 "ci/release/name_server.py" 2>"$work/names")
server=$!
if ! read -r -t 120 _ <&"$ready"; then
  skip no-port-53 "no port 53 for a name server ($(tail -1 "$work/names"))"
  lab; finish
fi
mkdir "$root/etc"
echo "nameserver 127.0.0.1" >"$root/etc/resolv.conf"
echo "10.0.0.7 host.corp.example" >"$root/etc/hosts"
# As hosts have it; none of the modules is here.
echo "hosts: files mdns4_minimal dns myhostname" >"$root/etc/nsswitch.conf"
expect "a name of /etc/hosts" 0 '"10\.0\.0\.7"' -- "${resolve[@]}" host.corp.example
expect "a name that the name server knows" 0 '"10\.0\.0\.20"' -- "${resolve[@]}" dss.corp.example
expect "a name whose IPv6 address alone is said not to be" 0 '"10\.0\.0\.21"' -- "${resolve[@]}" wild.corp.example
expect "a name that nobody knows" 0 '"answer":"no-such-name"' -- "${resolve[@]}" no.corp.example
cat >"$root/tmp/site.toml" <<'TOML'
[registry]
url = "no.corp.example/dss"
username = "u"
password = { env = "PASSWORD" }
TOML
login=(env PASSWORD=none "${inside[@]}" run --site /tmp/site.toml --only registry-login)
expect "a run tells that no such name is there" 1 'registry-login/unreachable' -- "${login[@]}"
kill "$server"; wait "$server" 2>/dev/null; server=
expect "no answer is told from no such name" 0 '"answer":"no-server"' -- "${resolve[@]}" dss.corp.example
lab
finish
