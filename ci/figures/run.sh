#!/usr/bin/env bash
# The figures ackcheck promises of its lab, measured: time and memory of a whole run, and no false alarm in many.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked --release --quiet
exec python3 ci/figures/measure.py target/release/ackcheck "${RUNS:-200}"
