#!/usr/bin/env bash
# The lab's Kubernetes against the real kubectl: nodes, a pod from its creation to its deletion, exec over a WebSocket,
# logs, rights, and an account without any. The machine's kubectl where it is 1.31 or later; else one built by Go.
set -uo pipefail
cd "$(dirname "$0")/../../.."
suite=kubectl
. ci/suite.sh
. ci/clients/lab.sh

work=$(mktemp -d)
trap 'stop_lab; rm -rf "$work"' EXIT

kubectl=$(command -v kubectl || true)
minor=$([ -z "$kubectl" ] || "$kubectl" version --client -o json 2>/dev/null | sed -nE 's/.*"minor": "([0-9]+).*/\1/p')
if [ "${minor:-0}" -lt 31 ]; then
  # Of the version that ci/cluster/build makes as well, so that what Go compiled for the one serves the other.
  # A build that does not know its own version cannot compare it with the server's.
  version=k8s.io/component-base/version
  stamp="-X $version.gitVersion=v1.33.4 -X $version.gitMajor=1 -X $version.gitMinor=33"
  if ! command -v go >/dev/null || ! (cd ci/clients/kubectl && CGO_ENABLED=0 timeout 1800 go build -ldflags "$stamp" -o "$scratch/kubectl" .) 2>"$work/go"; then
    skip_all no-kubectl "kubectl 1.31 or later is not here and cannot be built: $(head -1 "$work/go" 2>/dev/null || echo no Go)"
  fi
  kubectl=$scratch/kubectl
fi
find_program

# Commands of its own: k is that kubectl; ask POD JSON; pod NAME NODE IMAGE prints a pod; clusterless asks without a kubeconfig.
mkdir "$work/bin"
cat >"$work/bin/k" <<EOF
#!/bin/sh
exec "$kubectl" "\$@"
EOF
cat >"$work/bin/ask" <<'EOF'
#!/bin/sh
echo "$2" | k exec -i "$1" -- /ackcheck-probe ask
EOF
cat >"$work/bin/pod" <<'EOF'
#!/bin/sh
cat <<YAML
apiVersion: v1
kind: Pod
metadata: {name: $1, labels: {app: probe}}
spec:
  restartPolicy: Never
  nodeSelector: {kubernetes.io/hostname: $2}
  containers:
  - name: probe
    image: $3
    args: [hold]
    resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {cpu: 100m, memory: 32Mi}}
YAML
EOF
cat >"$work/bin/clusterless" <<EOF
#!/bin/sh
server=\$(k config view -o 'jsonpath={.clusters[0].cluster.server}')
exec "$kubectl" --kubeconfig /dev/null --server "\$server" "\$@"
EOF
chmod +x "$work"/bin/*
PATH=$work/bin:$PATH

start_lab
export KUBECONFIG=$kubeconfig
registry=lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com
"$program" run --site "$site" --only registry-push --report json="$work/push.json" >/dev/null 2>&1
image=$registry/dss/ackcheck-probe:$(grep -oE 'manifests/ackcheck-[0-9a-f]{12}' "$work/push.json" | head -1 | cut -d/ -f2)
node=cn-hangzhou.10.0.1.11

expect "the server has ACK's version" ok 'Server Version: v1\.32\.1-aliyun\.1' -- k version
expect "three nodes are ready" ok '^3$' -- bash -c 'k get nodes --no-headers | grep -c " Ready "'
expect "nodes in wide form" ok '10\.0\.1\.11 .*containerd' -- k get nodes -o wide
expect "nodes as JSON" ok '"cn-hangzhou\.i-' -- k get nodes -o 'jsonpath={.items[*].spec}'
expect "one node described" ok 'KubeletReady' -- k describe node "$node"
expect "nodes page by page" ok '^3$' -- bash -c 'k get nodes --chunk-size=1 -o name | wc -l'
expect "resources are discovered" ok '^pods +po +v1 +true +Pod' -- k api-resources
expect "who am I" ok 'Username +dss' -- k auth whoami
expect "may create pods here" ok '^yes' -- k auth can-i create pods
expect "may exec here" ok '^yes' -- k auth can-i get pods --subresource=exec
expect "may not create pods elsewhere" refused '^no' -- k auth can-i create pods -n default
expect "rights are listed" ok 'pods/exec .*\[\*\]' -- k auth can-i --list
expect "refused elsewhere, in the API's words" refused \
  'pods is forbidden: User "dss" cannot list resource "pods" in API group "" in the namespace "default"' -- k get pods -n default

k get pod -w >"$work/watch" 2>&1 &
watch_pid=$!
expect "a pod is created, its fields validated by the server" ok 'pod/one created' -- bash -c "pod one $node $image | k create -f -"
expect "a second of its name is refused" refused 'pods "one" already exists' -- bash -c "pod one $node $image | k create -f -"
expect "it becomes ready" ok 'condition met' -- k wait --for=condition=Ready pod/one --timeout=120s
expect "the watch saw it run" ok -- bash -c 'until grep -qE "^one +1/1 +Running" "$0"; do sleep 0.1; done' "$work/watch"
expect "it is on its node" ok "Running .*$node" -- k get pod one -o wide
expect "it is selected by label and field" ok '^pod/one$' -- k get pods -l app=probe --field-selector "spec.nodeName=$node" -o name
expect "and not by others" ok '^$' -- k get pods -l 'app notin (probe)' -o name
expect "its events tell its life" ok 'Scheduled.*Pulling.*Pulled.*Created.*Started' \
  -- bash -c 'k events --for pod/one --no-headers | tr "\n" " "'
expect "its log is empty" ok '^$' -- k logs one
expect "exec answers what is asked on its standard input" ok '"10\.0\.0\.20"' -- ask one '{"verb":"resolve","name":"dss.lab.internal"}'
expect "the same by hand, in plain words" ok '"10\.0\.0\.20"' -- k exec one -- /ackcheck-probe resolve dss.lab.internal
expect "ports dialled by hand" ok '"port":22,"state":"open"' -- k exec one -- /ackcheck-probe dial dss.lab.internal 22 23
expect "a name that does not exist" ok 'no-such-name' -- ask one '{"verb":"resolve","name":"nowhere.lab.internal"}'
expect "a sweep" ok '"first":11200,"last":11204,"state":"open"' \
  -- ask one '{"verb":"sweep","address":"10.0.0.20","first":1,"last":65535,"timeout_ms":500,"concurrency":64}'
expect "HTTP that is really sent" ok '"status":200' -- ask one '{"verb":"http","method":"GET","url":"http://dss.lab.internal:11201/dip/api/ping","headers":[],"body":"","trust_any":false,"ca_pem":null,"timeout_ms":2000}'
expect "what is no ask ends with 2" refused 'exit code 2' -- ask one 'nonsense'
expect "a command that is not in the image" refused 'executable file not found' -- k exec one -- sh
expect "its exit code comes back" refused 'exit code 3' -- k exec one -- /ackcheck-probe nothing
expect "a container that is not there" refused 'container x is not valid for pod one' -- k exec one -c x -- /ackcheck-probe ask
expect "it is deleted" ok 'pod "one" deleted' -- k delete pod one
expect "and gone" refused 'pods "one" not found' -- k get pod one
kill "$watch_pid" 2>/dev/null; wait "$watch_pid" 2>/dev/null

expect "an unknown field is refused" refused 'strict decoding error: unknown field "spec.containers\[0\].imige"' \
  -- bash -c 'pod x '"$node"' b | sed "s/image:/imige:/" | k create -f -'
expect "a pod without an image is refused" refused 'spec.containers\[0\].image: Required value' \
  -- bash -c 'pod x '"$node"' b | grep -v image: | k create -f -'
expect "an image that is not there is not pulled" ok 'ErrImagePull.*not found|ImagePullBackOff.*not found' \
  -- bash -c "pod two $node $registry/dss/ackcheck-probe:none | k create -f - >/dev/null; k wait --for=jsonpath='{.status.containerStatuses[0].state.waiting.reason}'=ImagePullBackOff pod/two >/dev/null; k get pod two -o jsonpath='{.status.containerStatuses[0].state.waiting}'"
expect "its log says why there is none" refused 'trying and failing to pull image' -- k logs two
expect "a node that does not exist takes no pod" ok "0/3 nodes are available" \
  -- bash -c "pod three nowhere $image | k create -f - >/dev/null; k wait --for=jsonpath='{.status.conditions[0].reason}'=Unschedulable pod/three >/dev/null; k describe pod three"
expect "all are deleted at once" ok -- k delete pods --all --wait=false
expect "a secret is made and read back" ok 'YWNr' -- bash -c 'k create secret generic s --from-literal=k=ack >/dev/null; k get secret s -o jsonpath={.data.k}'
expect "a config map too, and deleted" ok 'deleted' -- bash -c 'k create configmap c --from-literal=k=v >/dev/null; k delete configmap c'

# The visitor has a token and no rights; nobody has neither.
k config view --raw -o 'jsonpath={.clusters[0].cluster.certificate-authority-data}' | base64 -d >"$work/ca.pem"
expect "the visitor is known" ok 'Username +visitor' -- clusterless --certificate-authority "$work/ca.pem" --token lab-visitor auth whoami
expect "and may nothing" refused 'nodes is forbidden: User "visitor" cannot list resource "nodes" in API group "" at the cluster scope' \
  -- clusterless --certificate-authority "$work/ca.pem" --token lab-visitor get nodes
expect "an unknown token is refused" refused 'must be logged in|Unauthorized' -- clusterless --certificate-authority "$work/ca.pem" --token none get nodes
expect "who does not trust the cluster's authority is warned" refused 'unknown authority' -- clusterless --token lab-visitor get nodes

# What `ackcheck rights` prints, applied by who may, and enough for who it is for.
cat >"$work/bin/grant" <<EOF
#!/bin/sh
"$program" rights --lab --format kubernetes "\$@"
EOF
cat >"$work/bin/admin" <<EOF
#!/bin/sh
exec clusterless --certificate-authority "$work/ca.pem" --token lab-admin "\$@"
EOF
chmod +x "$work/bin/grant" "$work/bin/admin"
expect "printed roles are what kubectl takes" ok 'clusterrole.*ackcheck created .*dry run' \
  -- bash -c 'grant --user visitor | admin apply --dry-run=client -f -'
expect "and what the server takes, field by field" ok 'rolebinding.*ackcheck created .*server dry run' \
  -- bash -c 'grant --user visitor --optional | admin apply --dry-run=server --validate=strict -f -'
expect "they are made" ok 'role.rbac.authorization.k8s.io/ackcheck created' -- bash -c 'grant --user visitor | admin apply -f -'
expect "a second time nothing changes" ok '^4$' -- bash -c 'grant --user visitor | admin apply -f - | grep -c unchanged'
expect "they name what is granted" ok 'pods/exec +\[\] +\[\] +\[create get\]' -- admin describe role ackcheck -n dss
expect "and to whom" ok 'User +visitor' -- admin describe clusterrolebinding ackcheck
expect "a service account is a subject as well" ok 'ServiceAccount +ackcheck +ops' \
  -- bash -c 'grant --service-account ops/ackcheck | admin apply -f - >/dev/null; admin describe rolebinding ackcheck -n dss'

finish
