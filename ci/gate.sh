#!/usr/bin/env bash
# What every change must hold, without a network beyond the crate registry: format, lints, dependencies, names.
# The tests are README's own command, `cargo test`.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$1"; }

step "format"
cargo fmt --all --check

step "lints"
cargo clippy --all-targets --locked -- -D warnings

step "dependencies: licences, one TLS stack, one version of what must be one"
cargo metadata --format-version 1 --locked | python3 ci/gate/dependencies.py

step "names: no path of a machine, no registry's host, no file that outgrew one idea"
python3 ci/gate/names.py

echo
echo "gate: all hold"
