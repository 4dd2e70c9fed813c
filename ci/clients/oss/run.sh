#!/usr/bin/env bash
# The lab's OSS against the clients that Alibaba wrote: oss2 and alibabacloud_oss_v2, signatures 1 and 4, lasting and
# temporary keys. They put, get, list, copy, upload in parts, sign URLs and delete, and are refused where the real OSS
# refuses.
#
# Needs python3 with venv; fetches what requirements.txt names. Writes to target/ci-oss only.
set -uo pipefail
cd "$(dirname "$0")/../../.."

scratch=${CARGO_TARGET_DIR:-target}/ci-oss
requirements=ci/clients/oss/requirements.txt
mkdir -p "$scratch"
if ! cmp -s "$requirements" "$scratch/venv/requirements.txt"; then
  rm -rf "$scratch/venv"
  if ! { python3 -m venv "$scratch/venv" && "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"; }; then
    echo "the clients cannot be installed: skipped"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
  fi
  cp "$requirements" "$scratch/venv/"
fi
program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=${CARGO_TARGET_DIR:-target}/release/ackcheck; } || exit 1

"$program" lab >"$scratch/lab" 2>"$scratch/lab.err" &
lab_pid=$!
trap 'kill -INT "$lab_pid" 2>/dev/null; wait "$lab_pid" 2>/dev/null' EXIT
for _ in $(seq 100); do
  grep -q '/secrets/' "$scratch/lab" && break
  kill -0 "$lab_pid" 2>/dev/null || { cat "$scratch/lab.err"; echo "0 passed, 1 failed"; exit 1; }
  sleep 0.1
done
proxy=$(sed -nE 's/.*HTTPS_PROXY=(\S+).*/\1/p' "$scratch/lab")
authority=$(sed -nE 's/.*SSL_CERT_FILE=(\S+).*/\1/p' "$scratch/lab")
site=$(sed -nE 's/.*--site (\S+).*/\1/p' "$scratch/lab")
REQUESTS_CA_BUNDLE=$authority PYTHONDONTWRITEBYTECODE=1 \
  "$scratch/venv/bin/python" ci/clients/oss/clients.py "$site" "$proxy"
