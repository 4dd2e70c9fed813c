#!/usr/bin/env bash
# The figures ackcheck promises of its lab, measured: time and memory of a whole run, no false alarm in many, and what
# thousands of nodes cost.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked --release --quiet
passed=0 failed=0
for suite in "measure.py target/release/ackcheck ${RUNS:-200}" "scale.py target/release/ackcheck"; do
  # shellcheck disable=SC2086 # the words of a suite are its arguments
  said=$(python3 ci/figures/$suite) || true
  printf '%s\n\n' "$said" | sed '/^[0-9]* passed, [0-9]* failed$/d'
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$said" || echo "0 passed, 1 failed")
  passed=$((passed + ${line%% passed*})) failed=$((failed + $(sed -E 's/.* ([0-9]+) failed/\1/' <<<"$line")))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
