#!/usr/bin/env bash
# The templates do what they say: the shell of each, taken out of its file, runs on a lab that holds, one that does not, one
# that cannot be judged, and with a program that is not the one it names. Ansible and Terraform run theirs themselves.
# Besides: actionlint, GitLab's schema, yamllint, and the roles of the CronJob are those that `ackcheck rights` prints.
set -uo pipefail
cd "$(dirname "$0")/../.."
suite=templates
. ci/suite.sh
. ci/clients/lab.sh

step() { "$@" || { fail "$*" "exit $?"; finish; }; }

step python_environment templates ci/templates/requirements.txt
step install_packages curl:curl
find_program
tools=$(dirname "$python")
folder=$PWD/ci/templates
work=$(mktemp -d)
trap 'stop_lab; rm -rf "$work"' EXIT

# Read by those who know them.
expect "yamllint" ok -- "$tools/yamllint" --strict -c "$folder/yamllint.yml" "$folder"
expect "gitlab-ci.yml by GitLab's schema" ok -- \
  "$tools/check-jsonschema" --builtin-schema vendor.gitlab-ci "$folder/gitlab-ci.yml"
if ! command -v go >/dev/null; then
  skip no-go "actionlint is built by Go"
else
  [ -x "$scratch/actionlint" ] ||
    step env GOBIN="$scratch" CGO_ENABLED=0 timeout 900 go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
  expect "github-actions.yml by actionlint" ok -- \
    "$scratch/actionlint" -config-file "$folder/actionlint.yml" "$folder/github-actions.yml"
fi
expect "the roles of the CronJob, and the pod of the hook" ok -- \
  "$python" -B "$folder/manifests.py" "$program" "$folder/kubernetes-cronjob.yaml" "$folder/argo-cd-post-sync.yaml"

# What the user fills in: a mirror of his own with a release, and its checksum.
release=ackcheck-9.8.7-x86_64-linux
mkdir "$work/mirror"
ln -s "$program" "$work/mirror/$release"
sum=$(sha256sum "$program" | cut -d' ' -f1)
filled_in=(ACKCHECK_VERSION=9.8.7 ACKCHECK_SHA256="$sum" ACKCHECK_MIRROR="file://$work/mirror")
terraform=$(command -v terraform || true)
[ -n "$terraform" ] || skip no-terraform "Debian has no Terraform"

# prepare [SED]: a new folder for a job, in $job, with the site file of a part of the lab, which is judged soonest. One of its
# secrets is to come from the environment.
prepare() {
  job=$(mktemp -d "$work/job.XXXX")
  sed -e "s|\"secrets/|\"$lab_folder/secrets/|; s|\"ca.pem\"|\"$lab_folder/ca.pem\"|" \
    -e '/^\[cluster\]/,/^$/d; /^\[\[storage/,/^$/d; /^\[cloud\]/,/^$/d' \
    -e 's|^password = .*|password = { env = "ACR_PASSWORD" }|' -e "${1:-}" "$site" >"$job/ackcheck.toml"
  ACR_PASSWORD=$(<"$lab_folder/secrets/registry-password")
  export ACR_PASSWORD
}

# template NAME [NAME=VALUE...]: its job in $job, as its service would run it.
template() {
  local name=$1 extra=(); shift
  case $name in
    kubernetes-*|argo-*) extra=(ACKCHECK_SITE="$job/ackcheck.site" ACKCHECK_FOLDER="$job"); mv "$job/ackcheck.toml" "$job/ackcheck.site" ;;
  esac
  "$python" -B "$folder/runner.py" "$folder/$name" "$job" "${filled_in[@]}" "${extra[@]}" "$@" |& tee "$job/log"
}

ansible() {
  printf -- '- hosts: localhost\n  connection: local\n  gather_subset: ["!all", "!min", env]\n  tasks:\n    - ansible.builtin.import_tasks: %s\n' \
    "$folder/ansible-task.yml" >"$job/play.yml"
  printf '{"ackcheck_version": "9.8.7", "ackcheck_sha256": "%s", "ackcheck_mirror": "file://%s", "ackcheck_site": "%s",
    "ackcheck_environment": {"ACR_PASSWORD": "{{ lookup(\\"ansible.builtin.env\\", \\"STORED\\") }}"}, "ackcheck_allow_unjudged": %s}' \
    "${2:-$sum}" "$work/mirror" "$job/ackcheck.toml" "${1:-false}" >"$job/filled-in.json"
  # At this level Ansible prints the commands that it runs on the host.
  (cd "$job" && env -u ACR_PASSWORD STORED="$ACR_PASSWORD" HOME="$job" ANSIBLE_PYTHON_INTERPRETER="$python" \
    ANSIBLE_NOCOLOR=1 ANSIBLE_PIPELINING=1 "$tools/ansible-playbook" -vvv -i localhost, -e @filled-in.json play.yml) |& tee "$job/log"
}

terraformed() {
  cp "$folder/terraform/main.tf" "$job"
  (cd "$job" && export TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 &&
    "$terraform" init -no-color -input=false >/dev/null &&
    "$terraform" apply -no-color -input=false -auto-approve -var release=9.8.7 -var sha256="${2:-$sum}" \
      -var mirror="file://$work/mirror" -var allow_unjudged="${1:-false}") |& tee "$job/log"
}

# published WHAT REPORT...: what is in the job's reports; and in no file that it leaves, its log and Terraform's state
# among them, is a secret.
published() { "$python" -B "$folder/reports.py" "$job" "$@" && ! grep -rIl CANARY "$job"; }
declare -A reports=(
  [github-actions.yml]="summary.md ackcheck-reports/ackcheck.xml ackcheck-reports/ackcheck.html ackcheck-reports/ackcheck.json"
  [gitlab-ci.yml]="ackcheck-reports/ackcheck.xml ackcheck-reports/code-quality.json ackcheck-reports/ackcheck.html ackcheck-reports/ackcheck.json"
  [Jenkinsfile]="ackcheck-reports/ackcheck.xml ackcheck-reports/ackcheck.html ackcheck-reports/ackcheck.json"
  [kubernetes-cronjob.yaml]="short.txt ackcheck.json"
  [argo-cd-post-sync.yaml]="short.txt ackcheck.json"
  [ansible]="ackcheck-reports/localhost/ackcheck.xml ackcheck-reports/localhost/ackcheck.html ackcheck-reports/localhost/ackcheck.json"
  [terraform]="ackcheck-reports/ackcheck.xml ackcheck-reports/ackcheck.html ackcheck-reports/ackcheck.json"
)
names=(github-actions.yml gitlab-ci.yml Jenkinsfile kubernetes-cronjob.yaml argo-cd-post-sync.yaml)

# all HOW SED WHAT TEXT WORD: every template on the site file edited so, and the reports that it leaves.
all() {
  local how=$1 edit=$2 what=$3 said=$4 word=$5 name
  for name in "${names[@]}"; do
    prepare "$edit"
    expect "$name: $word" "$how" "$said" -- template "$name"
    expect "$name: $word, and its reports" ok -- published "$what" ${reports[$name]}
  done
  prepare "$edit"
  expect "ansible-task.yml: $word" "$([ "$how" = ok ] && echo ok || echo 2)" "$said" -- ansible
  expect "ansible-task.yml: $word, and its reports" ok -- published "$what" ${reports[ansible]}
  [ -n "$terraform" ] || return 0
  prepare "$edit"
  expect "terraform/main.tf: $word" "$([ "$how" = ok ] && echo ok || echo 1)" "$said" -- terraformed
  expect "terraform/main.tf: $word, and its reports" ok -- published "$what" ${reports[terraform]}
}

# Without it the registry's checks cannot be asked.
unjudged="/^username = /d; /^password = /d"
start_lab
all ok "" holds "everything that was checked holds" "a deployment that holds"
all 2 "$unjudged" holds "could not be judged" "one that cannot be judged"
for name in "${names[@]}"; do
  # What Jenkins makes of a 2 stands in its Groovy.
  [ "$name" != Jenkinsfile ] || continue
  prepare "$unjudged"
  expect "$name: the same, allowed" ok "allows that" -- template "$name" ACKCHECK_ALLOW_UNJUDGED=true
done
prepare "$unjudged"
expect "ansible-task.yml: the same, allowed" ok "could not be judged" -- ansible true
if [ -n "$terraform" ]; then
  prepare "$unjudged"
  expect "terraform/main.tf: the same, allowed" ok "allows that" -- terraformed true
fi

# ran: whether anything of a run is there.
ran() { [ -n "$(find "$job" -name 'ackcheck.json' -o -name 'summary.md' -o -name short.txt)" ]; }
other=$(sha256sum "$folder/run.sh" | cut -d' ' -f1)
for name in "${names[@]}"; do
  prepare
  expect "$name: a program that is not the one it names" 1 "FAILED" -- template "$name" ACKCHECK_SHA256="$other"
  expect "$name: and it is not run" refused -- ran
  prepare "s/^name = /nmae = /"
  # Which is not allowed where 2 is.
  [ "$name" = Jenkinsfile ] && allowed=() || allowed=(ACKCHECK_ALLOW_UNJUDGED=true)
  expect "$name: a mistake in the site file" 3 "nmae" -- template "$name" "${allowed[@]}"
done
prepare
expect "ansible-task.yml: a program that is not the one it names" 2 "checksum" -- ansible false "$other"
expect "ansible-task.yml: and it is not run" refused -- ran
if [ -n "$terraform" ]; then
  prepare
  expect "terraform/main.tf: a program that is not the one it names" 1 "FAILED" -- terraformed false "$other"
  expect "terraform/main.tf: and it is not run" refused -- ran
fi

# interrupted: the pod is ended while a program runs that removes something before it ends, as ackcheck does.
interrupted() {
  prepare
  template kubernetes-cronjob.yaml ACKCHECK_SHA256="$other" >/dev/null 2>&1
  printf '#!/bin/sh\ntrap "touch removed; exit 130" TERM\ntouch started\nwhile :; do sleep 0.1; done\n' \
    >"$work/mirror/ackcheck-1.0-x86_64-linux"
  env ACKCHECK_VERSION=1.0 ACKCHECK_MIRROR="file://$work/mirror" ACKCHECK_ALLOW_UNJUDGED=true ACKCHECK_SITE=none \
    ACKCHECK_SHA256="$(sha256sum <"$work/mirror/ackcheck-1.0-x86_64-linux" | cut -d' ' -f1)" ACKCHECK_FOLDER="$job" \
    sh "$job/check.sh" &
  local shell=$! tries=0
  until [ -e "$job/started" ]; do
    [ $((tries += 1)) != 600 ] && kill -0 $shell || return 1
    sleep 0.1
  done
  kill $shell
  wait $shell
  [ $? = 130 ] && [ -e "$job/removed" ]
}
expect "kubernetes-cronjob.yaml: the run ends in order when its pod is ended" ok -- interrupted

start_lab --fault dss-version/too-old
all 1 "" dss-version "dss-version/too-old|dss-version%2Ftoo-old" "a DSS that is too old"
finish
