#!/usr/bin/env bash
# What every change must hold: format, lints and lengths of Rust and Python, types of Python, dependencies, names. It needs
# no network beyond the registries of crates and of Python's packages, and the latter only once for each list of tools.
# The tests are README's own command, `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=gate
. ci/suite.sh

step() { printf '\n== %s\n' "$1"; }

step "Rust: format"
cargo fmt --all --check

step "Rust: lints, and no function of more than 60 lines"
CLIPPY_CONF_DIR=$PWD/ci/gate cargo clippy --workspace --all-targets --locked -- -D warnings -D clippy::too_many_lines

step "Python: format, lints, types"
python_environment gate ci/gate/requirements.txt
tools=$(dirname "$python")
export RUFF_CACHE_DIR=$scratch/ruff
"$tools/ruff" format --config ci/pyproject.toml --check ci
"$tools/ruff" check --config ci/pyproject.toml ci
"$tools/mypy" --config-file ci/pyproject.toml --cache-dir "$scratch/mypy" --scripts-are-modules ci ci/cluster/{up,down,enter}

step "Python: no function of more than 60 lines; a check's mod.rs of at most 150"
git ls-files 'ci/*.py' 'checks/*/mod.rs' | xargs python3 -B ci/gate/lengths.py

step "Python: its tests"
(cd ci && timeout 300 python3 -B -m unittest --buffer test_summary)
(cd ci/gate && timeout 300 python3 -B -m unittest --buffer test_lengths)
(cd ci/cluster && timeout 300 python3 -B -m unittest --buffer test_cases)

step "dependencies: licences, one TLS stack, one version of what must be one"
cargo metadata --format-version 1 --locked | python3 -B ci/gate/dependencies.py

step "names: no path of a machine, no registry's host"
python3 -B ci/gate/belonging.py

echo
echo "gate: all hold"
