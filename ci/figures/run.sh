#!/usr/bin/env bash
# The figures ackcheck promises of its lab, measured: time and memory of a whole run, no false alarm in many, and what
# thousands of nodes cost.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=target/release/ackcheck; }
passed=0 failed=0

# Runs one script of figures and adds up its last line.
figures() {
  local said line
  said=$(python3 "$@") || true
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$said" | tail -1)
  printf '%s\n' "${said%"$line"}"
  line=${line:-0 passed, 1 failed}
  passed=$((passed + ${line%% passed*}))
  line=${line#* passed, }
  failed=$((failed + ${line%% failed*}))
}

figures ci/figures/measure.py "$program" "${RUNS:-200}"
figures ci/figures/scale.py "$program"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
