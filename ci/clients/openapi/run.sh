#!/usr/bin/env bash
# The lab's cloud account against Alibaba's own Python SDKs: signatures of both kinds, pages, refusals, the RAM role.
# Needs python3 with venv; fetches what requirements.txt names. Writes to target/ci-openapi only.
set -uo pipefail
cd "$(dirname "$0")/../../.."
here=ci/clients/openapi
scratch=${CARGO_TARGET_DIR:-target}/ci-openapi

if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  echo "python3 with venv is not here: skipped"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
fi
mkdir -p "$scratch"
if ! cmp -s "$here/requirements.txt" "$scratch/venv/requirements.txt"; then
  rm -rf "$scratch/venv"
  python3 -m venv "$scratch/venv" &&
    "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" &&
    cp "$here/requirements.txt" "$scratch/venv/" || { echo "0 passed, 1 failed"; exit 1; }
fi
program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=target/release/ackcheck; } || exit 1

"$program" lab >"$scratch/lab" 2>"$scratch/lab.err" &
lab_pid=$!
trap 'kill -INT "$lab_pid" 2>/dev/null; wait "$lab_pid" 2>/dev/null' EXIT
for _ in $(seq 100); do
  grep -q '/secrets/' "$scratch/lab" && break
  kill -0 "$lab_pid" 2>/dev/null || { cat "$scratch/lab.err"; echo "0 passed, 1 failed"; exit 1; }
  sleep 0.1
done
proxy=$(sed -nE 's/.*HTTPS_PROXY=(\S+).*/\1/p' "$scratch/lab")
site=$(sed -nE 's/.*--site (\S+).*/\1/p' "$scratch/lab")
"$scratch/venv/bin/python" "$here/openapi.py" "$proxy" "$(dirname "$site")"
