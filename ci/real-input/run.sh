#!/usr/bin/env bash
# ackcheck on real input, on a machine with no cloud: a data directory on disk, Debian's docker-registry with TLS and
# htpasswd, a name server, and this host as the DSS host. Installs what is not there; starts nothing but on loopback.
set -uo pipefail
cd "$(dirname "$0")/../.."

suite=real-input
. ci/suite.sh

install_packages docker-registry:docker-registry dnsmasq:dnsmasq-base htpasswd:apache2-utils openssl:openssl ||
  { fail packages "they are not here and cannot be installed"; finish; }
find_program
PATH=$PATH:/usr/sbin exec python3 -B ci/real-input/real_input.py "$program"
