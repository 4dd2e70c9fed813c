#!/usr/bin/env bash
# ackcheck's reading of kubeconfigs against the real kubectl of three releases, on many that a grammar makes, alone and in
# lists; and which servers' certificates both take.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=oracle-kubeconfig
. ci/suite.sh
. ci/clients/lab.sh

command -v go >/dev/null || skip_all no-go "kubectl cannot be built: no Go is here"
kubectls=()
# The oldest that still takes what a DSS 8 host may have, the last of the 1.28 that ACK ran for years, and today's. All are
# built from the source of ci/clients/kubectl; only the modules differ.
for release in 1.24 1.28 1.33; do
  modules=(-modfile "$PWD/ci/oracles/kubeconfig/kubectl-$release.mod")
  [ "$release" != 1.33 ] || modules=()
  built=$scratch/kubectl-$release
  if ! (cd ci/clients/kubectl && CGO_ENABLED=0 timeout 1800 go build "${modules[@]}" -o "$built" .) 2>"$scratch/go"; then
    fail "kubectl $release" "it cannot be built: $(head -3 "$scratch/go")"
    continue
  fi
  kubectls+=("$built")
done
find_program
start_lab

# ask SCRIPT ARGUMENT... adds what the script counted.
ask() {
  local said line
  said=$(bounded python3 -B "$@")
  line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' <<<"$said" | tail -1)
  printf '%s\n' "${said%"$line"}"
  line=${line:-0 passed, 1 failed}
  passed=$((passed + ${line%% passed*}))
  line=${line#* passed, }
  failed=$((failed + ${line%% failed*}))
}
ask ci/oracles/kubeconfig/kubeconfigs.py "$program" "$kubeconfig" "${COUNT:-700}" 0 "${kubectls[@]}"
ask ci/oracles/kubeconfig/kubeconfigs.py "$program" "$kubeconfig" 0 "${LISTS:-300}" "${kubectls[@]}"
if install_packages openssl:openssl; then
  ask ci/oracles/kubeconfig/servers.py "$program" "${kubectls[@]}"
else
  fail servers "openssl is not here and cannot be installed"
fi
finish
