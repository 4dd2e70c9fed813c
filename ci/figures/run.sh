#!/usr/bin/env bash
# The figures ackcheck promises of its lab, measured: time and memory of a whole run, no false alarm in many, and what
# thousands of nodes cost. The time that the prediction takes is printed, and judged by nobody.
set -uo pipefail
cd "$(dirname "$0")/../.."
suite=figures
. ci/suite.sh
find_program

# Runs one script of figures and adds up its last line.
figures() {
  local said line
  said=$(timeout 1200 python3 -B "$@") || true
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$said" | tail -1)
  printf '%s\n' "${said%"$line"}"
  line=${line:-0 passed, 1 failed}
  passed=$((passed + ${line%% passed*}))
  line=${line#* passed, }
  failed=$((failed + ${line%% failed*}))
}

figures ci/figures/measure.py "$program" "${RUNS:-200}"
figures ci/figures/scale.py "$program"

# The prediction of the cloud's rules: 100,000 random worlds against a judgement of single packets, and a large cluster.
# Each is a test; what it took is in its last line.
prediction() {
  local said
  if said=$(ACKCHECK_WORLDS=100000 ACKCHECK_NODES=1000 timeout 1200 \
    cargo test --locked --release -p ackcheck-checks --lib -- "prediction::$2" 2>&1); then
    passed=$((passed + 1)); echo "ok      $1: $(grep -oE 'finished in .*' <<<"$said")"
  else
    fail "$1" "$(tail -20 <<<"$said")"
  fi
}
# What logs tell of: nothing in 100 MiB of healthy ones, and how fast they are read. Processor time, which others on the machine
# do not add to.
healthy() {
  local log=$scratch/healthy.log took
  cargo run --locked --release --quiet -p ackcheck-diagnose --example healthy_logs -- 100 >"$log" || { fail "healthy logs" "not written"; return; }
  local code=0
  took=$( { TIMEFORMAT='%U %S'; time timeout 60 "$program" diagnose "$log" >"$scratch/diagnosis"; } 2>&1) || code=$?
  if [ "$code" = 0 ] && grep -q '^nothing recognised in 1 input' "$scratch/diagnosis"; then
    passed=$((passed + 1)); echo "ok      nothing is recognised in 100 MiB of healthy logs"
  else
    fail "nothing is recognised in 100 MiB of healthy logs" "exit $code: $(head -20 "$scratch/diagnosis") $took"
  fi
  echo "        read in ${took/ / s of its own and } s of the system's processor time"
  rm -f "$log"
}
healthy

prediction "50 groups of 200 rules and 1,000 nodes are judged" scale
prediction "the prediction of 100,000 worlds is that of single packets" worlds
finish
