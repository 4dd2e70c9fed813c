#!/usr/bin/env bash
# ackcheck on real input, on a machine with no cloud: a data directory on disk, Debian's docker-registry with TLS and
# htpasswd, a name server, and this host as the DSS host. Installs what is not there; starts nothing but on loopback.
set -uo pipefail
cd "$(dirname "$0")/../.."

missing=()
for need in docker-registry:docker-registry dnsmasq:dnsmasq-base htpasswd:apache2-utils openssl:openssl; do
  PATH=$PATH:/usr/sbin command -v "${need%%:*}" >/dev/null || missing+=("${need##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  # RUNLEVEL keeps the packages from starting services of their own.
  if ! { $sudo apt-get update -qq &&
    $sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1; then
    echo "${missing[*]} not here and not to be installed: skipped"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
  fi
fi
program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=target/release/ackcheck; } || exit 1
PATH=$PATH:/usr/sbin exec python3 ci/real-input/real_input.py "$(realpath "$program")"
