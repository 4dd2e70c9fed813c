#!/usr/bin/env bash
# The lab's registry against a client that others wrote: skopeo logs in, pulls what ackcheck pushed, pushes and pulls its
# own, and is refused where a real registry would refuse it. Debian's package; installed where it is not there.
set -uo pipefail
cd "$(dirname "$0")/../../.."

suite=registry
. ci/suite.sh
. ci/clients/lab.sh

install_packages skopeo:skopeo || { fail skopeo "it is not here and cannot be installed"; finish; }
find_program

work=$(mktemp -d)
trap 'stop_lab; rm -rf "$work"' EXIT

# A lab with these faults, and the environment to reach it.
start_broken_lab() {
  start_lab "$@"
  export HTTPS_PROXY=$proxy SSL_CERT_FILE=$authority
  password=$lab_folder/secrets/registry-password
}

registry=lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com
auth=(--authfile "$work/auth.json")

log_in() { timeout 300 skopeo login "${auth[@]}" --username dssuser@lab --password-stdin "$registry" <"$1"; }
copy() { timeout 300 skopeo --insecure-policy copy "${auth[@]}" "$@"; }

start_broken_lab
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
# What current builders push, read by somebody else's client: an index leads to all that it names.
expect "the lab takes what builders push" ok "pass .*registry-takes-builds" \
  -- "$program" run --site "$site" --only registry-takes-builds --report json="$work/builds.json"
built=$(grep -oE 'PUT https://[^ "]*/manifests/sha256:[0-9a-f]{64}' "$work/builds.json" | grep -oE 'sha256:.*' | sort -u)
indexes=0
for digest in $built; do
  manifest=docker://$registry/dss/ackcheck-probe@$digest
  if skopeo inspect --raw "${auth[@]}" "$manifest" | grep -q 'image.index'; then
    indexes=$((indexes + 1))
    expect "attestations are copied with their image ($indexes)" ok -- copy --all "$manifest" "oci:$work/built:$indexes"
  fi
done
expect "there are two of them" ok -- [ "$indexes" = 2 ]

expect "the public address serves the same" ok -- skopeo inspect --authfile "$work/auth.json" --creds \
  "dssuser@lab:$(cat "$password")" "docker://${probe/registry-vpc/registry}"

# The image as a file: both of its formats, against what the registry was given.
expect "the image is written as one archive" ok 'ackcheck-probe:ackcheck-[0-9a-f]{12}' -- "$program" image --output "$work/probe.tar"
expect "it is the same again, through a pipe" ok -- bash -c "cmp <('$program' image 2>/dev/null) '$work/probe.tar'"
expect "a terminal is refused" refused 'a terminal cannot take an archive' -- script -qec "'$program' image" /dev/null
same() { # same FIELD A B: two manifests name the same blob
  local one two
  one=$(skopeo inspect --raw "${auth[@]}" "$2" | grep -oE "\"$1\": ?\[?\{[^}]*" | grep -oE 'sha256:[0-9a-f]{64}')
  two=$(skopeo inspect --raw "${auth[@]}" "$3" | grep -oE "\"$1\": ?\[?\{[^}]*" | grep -oE 'sha256:[0-9a-f]{64}')
  echo "$one $two"
  [ -n "$one" ] && [ "$one" = "$two" ]
}
expect "it is an OCI layout with an index by platform" ok 'image\.index.*"architecture":"amd64"' \
  -- skopeo inspect --raw "oci-archive:$work/probe.tar:ackcheck-probe:$tag"
expect "it is a docker-archive of the same name" ok '"Architecture": "amd64"' \
  -- skopeo inspect "docker-archive:$work/probe.tar:ackcheck-probe:$tag"
expect "the layout is pushed whole" ok -- copy --all "oci-archive:$work/probe.tar" "docker://$registry/dss/by-skopeo:layout"
expect "the docker-archive is pushed" ok -- copy "docker-archive:$work/probe.tar" "docker://$registry/dss/by-skopeo:docker"
expect "the layout arrives under its digest" ok -- bash -c "cmp <(skopeo inspect --raw oci-archive:$work/probe.tar) \
  <(skopeo inspect --raw ${auth[*]} docker://$registry/dss/by-skopeo:layout)"
copy "docker://$probe" "dir:$work/pushed" >/dev/null 2>&1
copy "docker://$registry/dss/by-skopeo:layout" "dir:$work/layout" >/dev/null 2>&1
expect "its layer is the one that a run pushes" ok -- same layers "dir:$work/pushed" "dir:$work/layout"
expect "its configuration too" ok -- same config "dir:$work/pushed" "dir:$work/layout"
copy "docker://$registry/dss/by-skopeo:docker" "dir:$work/docker" >/dev/null 2>&1
expect "and that of the docker-archive" ok -- same config "dir:$work/pushed" "dir:$work/docker"

start_broken_lab --fault registry-push/denied
expect "without the right a push is refused" refused "denied|authentication required|unauthorized" \
  -- copy "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"
start_broken_lab --fault registry-push/not-created
expect "a push creates nothing where auto-create is off" refused "denied" \
  -- copy "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"
start_broken_lab --fault registry-push/tag-immutable
expect "a new tag is taken where tags are immutable" ok -- copy "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"
expect "an immutable tag keeps its image" refused "immutable" \
  -- copy --format oci "dir:$work/probe" "docker://$registry/dss/by-skopeo:1"

finish
