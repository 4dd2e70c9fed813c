#!/usr/bin/env bash
# The lab's registry against a client that others wrote: skopeo logs in, pulls what ackcheck pushed, pushes and pulls its
# own, and is refused where a real registry would refuse it. Debian's package; installed where it is not there.
set -uo pipefail
cd "$(dirname "$0")/../../.."

if ! command -v skopeo >/dev/null; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  if ! { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends skopeo; } >/dev/null 2>&1; then
    echo "skopeo is not here and cannot be installed: skipped"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
  fi
fi
program=${ACKCHECK:-}
[ -n "$program" ] || { cargo build --locked --release --quiet && program=target/release/ackcheck; } || exit 1

work=$(mktemp -d)
lab_pid=
stop_lab() { [ -z "$lab_pid" ] || { kill -INT "$lab_pid" 2>/dev/null; wait "$lab_pid" 2>/dev/null; lab_pid=; }; }
trap 'stop_lab; rm -rf "$work"' EXIT

# Starts a lab with these faults, and sets the environment to reach it.
start_lab() {
  stop_lab
  "$program" lab "$@" >"$work/lab" 2>"$work/lab.err" &
  lab_pid=$!
  for _ in $(seq 100); do
    grep -q '/secrets/' "$work/lab" && break
    kill -0 "$lab_pid" 2>/dev/null || { cat "$work/lab.err"; echo "0 passed, 1 failed"; exit 1; }
    sleep 0.1
  done
  HTTPS_PROXY=$(sed -nE 's/.*HTTPS_PROXY=(\S+).*/\1/p' "$work/lab")
  SSL_CERT_FILE=$(sed -nE 's/.*SSL_CERT_FILE=(\S+).*/\1/p' "$work/lab")
  site=$(sed -nE 's/.*--site (\S+).*/\1/p' "$work/lab")
  export HTTPS_PROXY SSL_CERT_FILE
  password=$(dirname "$site")/secrets/registry-password
}

registry=lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com
auth=(--authfile "$work/auth.json")
passed=0 failed=0

# expect NAME ok|refused [TEXT] -- COMMAND: how it ends, and what it says.
expect() {
  local name=$1 how=$2 text=; shift 2
  [ "$1" = -- ] || { text=$1; shift; }
  shift
  local out code=0
  out=$("$@" 2>&1) || code=$?
  local good=1
  case $how in ok) [ $code = 0 ] || good=0 ;; refused) [ $code != 0 ] || good=0 ;; esac
  [ -z "$text" ] || grep -qiE -- "$text" <<<"$out" || good=0
  if [ $good = 1 ]; then passed=$((passed + 1)); echo "ok      $name"; else
    failed=$((failed + 1)); echo "FAILED  $name (exit $code)"; sed 's/^/        /' <<<"$out" | head -20
  fi
}
log_in() { skopeo login "${auth[@]}" --username dssuser@lab --password-stdin "$registry" <"$1"; }
copy() { skopeo --insecure-policy copy "${auth[@]}" "$@"; }

start_lab
printf wrong >"$work/wrong"
expect "a wrong password is refused" refused "authentication required|unauthorized|invalid username" -- log_in "$work/wrong"
expect "a pull without a login is refused" refused "authentication required|unauthorized" \
  -- skopeo inspect --no-creds "docker://$registry/dss/ackcheck-probe:none"
expect "the right password is taken" ok "Login Succeeded" -- log_in "$password"
expect "ackcheck pushes its probe" ok "pass .*registry-push" -- "$program" run --site "$site" --only registry-push
tag=$(skopeo list-tags "${auth[@]}" "docker://$registry/dss/ackcheck-probe" | grep -oE 'ackcheck-[0-9a-f]{12}' | head -1)
probe=$registry/dss/ackcheck-probe:$tag
expect "the probe is a linux/amd64 image" ok '"Architecture": "amd64"' -- skopeo inspect "${auth[@]}" "docker://$probe"
expect "the probe runs as nobody" ok '"User": ?"65532:65532"' -- skopeo inspect --config "${auth[@]}" "docker://$probe"
expect "the probe is pulled, layers from the bucket behind" ok -- copy "docker://$probe" "dir:$work/probe"
expect "an image is pushed to a new repository" ok -- copy "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"
expect "the same as OCI" ok -- copy --format oci "dir:$work/probe" "docker://$registry/dss/by-skopeo:oci"
expect "every platform of a list is copied" ok -- copy --all "docker://$probe" "docker://$registry/dss/by-skopeo:all"
expect "both are listed" ok '"oci"' -- skopeo list-tags "${auth[@]}" "docker://$registry/dss/by-skopeo"
expect "the list arrives as it was" ok -- bash -c "cmp <(skopeo inspect --raw ${auth[*]} docker://$probe) \
  <(skopeo inspect --raw ${auth[*]} docker://$registry/dss/by-skopeo:all)"
expect "it is pulled again" ok -- copy "docker://$registry/dss/by-skopeo:oci" "dir:$work/again"
expect "a tag that is not there" refused "manifest unknown|not found" \
  -- skopeo inspect "${auth[@]}" "docker://$registry/dss/by-skopeo:none"
expect "a manifest is not deleted, as on ACR" refused -- skopeo delete "${auth[@]}" "docker://$registry/dss/by-skopeo:1"
expect "the public address serves the same" ok -- skopeo inspect --authfile "$work/auth.json" --creds \
  "dssuser@lab:$(cat "$password")" "docker://${probe/registry-vpc/registry}"

start_lab --fault registry-push/denied
expect "without the right a push is refused" refused "denied|authentication required|unauthorized" \
  -- copy "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"
start_lab --fault registry-push/not-created
expect "a push creates nothing where auto-create is off" refused "denied" \
  -- copy "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"
start_lab --fault registry-push/tag-immutable
expect "a new tag is taken where tags are immutable" ok -- copy "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"
expect "an immutable tag keeps its image" refused "immutable" \
  -- copy --format oci "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
