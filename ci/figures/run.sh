#!/usr/bin/env bash
# The figures ackcheck promises of its lab, measured: time and memory of a whole run, and no false alarm in many.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=target/release/ackcheck; }
exec python3 ci/figures/measure.py "$program" "${RUNS:-200}"
