#!/usr/bin/env bash
# The page that `--report html` writes, in a real browser: Debian's Chromium at three widths, light and dark. No message on
# its console, no request, nothing that axe-core finds, nothing wider than the window. Pictures are left in $scratch.
set -uo pipefail
cd "$(dirname "$0")/../.."
suite=browser
. ci/suite.sh

# What is missing fails, unless a step may be skipped: `finish` counts it.
step() { "$@" || { fail "$*" "exit $?"; finish; }; }

install_packages chromium:chromium node:nodejs npm:npm || skip_all no-chromium "Debian's chromium cannot be installed"
find_program
# Made once for each package-lock.json; the file is copied last, so that what was made by half is made again.
if ! cmp -s ci/browser/package-lock.json "$scratch/package-lock.made.json"; then
  rm -rf "$scratch/node_modules"
  cp ci/browser/package.json ci/browser/package-lock.json "$scratch/"
  step three_tries npm --prefix "$scratch" ci --ignore-scripts --no-audit --no-fund --silent
  cp ci/browser/package-lock.json "$scratch/package-lock.made.json"
fi

# run NAME CODE [OPTION...]: the page of a run of the lab, and how the run must end.
run() {
  local code=0
  timeout 300 "$program" run --lab "${@:3}" --quiet --report "html=$scratch/$1.html" \
    --report "json=$scratch/$1.json" || code=$?
  [ $code -eq "$2" ]
}
step run holds 0
step run fails 1 --fault oss-write/denied --fault dss-version/too-old --fault prediction-agrees/host-firewall
# The failing run as if it had been one of 5,000 nodes; to run that many takes longer than all of this.
step node ci/browser/enlarge.mjs "$scratch/fails.json" "$scratch/large.json" 5000
step timeout 60 "$program" report "$scratch/large.json" --report "html=$scratch/large.html" --report short >/dev/null
for run in hostile waived; do
  step "$program" report "fixtures/runs/$run.json" --report "html=$scratch/$run.html" --report short >/dev/null
done

cp ci/browser/look.mjs "$scratch/"
timeout 240 node "$scratch/look.mjs" "$scratch" "$(command -v chromium)"
