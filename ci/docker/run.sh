#!/usr/bin/env bash
# host-docker and host-docker-login on a private daemon, which ends with the script: Debian's docker.io, and the docker
# command of today. What the real `docker push` does with each login is what the check must say of it.
set -uo pipefail
cd "$(dirname "$0")/../.."
suite=docker
. ci/suite.sh
. ci/clients/lab.sh

[ "$(id -u)" = 0 ] || skip_all no-root "only root can start a Docker daemon"
install_packages dockerd:docker.io podman:podman sudo:sudo script:bsdutils ||
  { fail docker.io "it is not here and cannot be installed"; finish; }
find_program

work=$(mktemp -d)
chmod 755 "$work"
pids=()
stop() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  pids=()
}
end() {
  stop
  stop_lab
  mountpoint -q "$work/small" && umount "$work/small"
  rm -rf "$work"
}
trap end EXIT

# start_daemon NAME DATA-ROOT leaves in $socket where it listens. The bound is far above the second that it takes.
start_daemon() {
  local tries=0
  socket=unix://$work/$1.sock
  PATH=$PATH:/usr/sbin:/sbin dockerd --data-root "$2" --exec-root "$work/$1.exec" --pidfile "$work/$1.pid" --host "$socket" \
    --config-file "$work/none.json" --bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
    --storage-driver=vfs >"$scratch/$1.log" 2>&1 &
  pids+=($!)
  until DOCKER_HOST=$socket /usr/bin/docker version >/dev/null 2>&1; do
    kill -0 $! 2>/dev/null && [ $((tries += 1)) -lt 600 ] || return
    sleep 0.1
  done
}

# Docker commands, each alone on a path of its own: Debian's, that of today where Go can build it, and what is none.
clients=(debian)
mkdir -p "$work"/{debian,today,podman,sudo,home,nobody,small}
ln -s /usr/bin/docker "$work/debian/docker"
ln -s "$(command -v podman)" "$work/podman/docker"
printf '#!/bin/sh\nexec sudo /usr/bin/docker "$@"\n' >"$work/sudo/docker"
chmod 755 "$work/sudo/docker"
if ! command -v go >/dev/null; then
  skip no-go "the docker command of today is built by Go"
elif (cd ci/docker && CGO_ENABLED=0 timeout 1800 go build -o "$scratch/docker" github.com/docker/cli/cmd/docker) 2>"$work/go"; then
  ln -s "$scratch/docker" "$work/today/docker"
  clients+=(today)
else
  fail "the docker command of today" "it cannot be built: $(head -3 "$work/go")"
fi
echo '{}' >"$work/none.json"
rest=$(dirname "$(command -v cat)"):/usr/bin:/bin

printf '[host]\nlocal = true\n' >"$work/site.toml"
# on CLIENT [VARIABLE=VALUE...]: host-docker with that command.
on() {
  local client=$1; shift
  env HOME="$work/home" DOCKER_HOST="$socket" PATH="$work/$client:$rest" "$@" \
    "$program" run --site "$work/site.toml" --only host-docker
}
# The same as an account that may do nothing, with a copy of the program that it can reach.
install -m 755 "$program" "$work/ackcheck"
as_nobody() {
  local client=$1; shift
  env HOME="$work/nobody" DOCKER_HOST="$socket" PATH="$work/$client:$rest" \
    "$@" setpriv --reuid 65534 --regid 65534 --clear-groups "$work/ackcheck" run --site "$work/site.toml" --only host-docker
}
# script(1) hands its command to $SHELL, which may be a plain sh: so the command is the name of a file, and that is bash's.
in_terminal() {
  { echo '#!/usr/bin/env bash'; declare -f as_nobody; declare -p work socket rest; echo as_nobody sudo; } >"$work/in-terminal"
  chmod 755 "$work/in-terminal"
  script -qec "$work/in-terminal" /dev/null
}

start_lab
host=lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com
# The daemon reaches the lab's registry as it would reach one behind a proxy.
if ! HTTPS_PROXY=$proxy SSL_CERT_FILE=$authority start_daemon usual "$work/usual"; then
  tail -3 "$scratch/usual.log"
  skip_all no-daemon "no Docker daemon starts here"
fi

for client in "${clients[@]}"; do
  expect "$client: a daemon that serves" ok "pass .*host-docker" -- on "$client"
  expect "$client: settings that are not JSON" ok "WARN .*config-unreadable" -- \
    bash -c "$(declare -f on); program=$program work=$work socket=$socket rest=$rest
      mkdir -p $work/broken; echo '{bad' >$work/broken/config.json; on $client DOCKER_CONFIG=$work/broken"
  expect "$client: no daemon there" 1 "daemon-down" -- on "$client" DOCKER_HOST="unix://$work/nothing"
  expect "$client: a context that is not there" 1 "daemon-down" -- on "$client" DOCKER_HOST= DOCKER_CONTEXT=nowhere
  expect "$client: the socket is root's" 1 "socket-denied" -- as_nobody "$client"
done
expect "a client that is too old" 1 "api-mismatch.*too old" -- on debian DOCKER_API_VERSION=1.11
expect "a client that is too new" 1 "api-mismatch.*too new" -- on debian DOCKER_API_VERSION=1.53
expect "podman by the name docker" 1 "host-docker: podman" -- on podman
expect "a script that calls sudo" 1 "asks-for-a-password" -- as_nobody sudo
expect "the same in a terminal, where it waits for the password" 1 "asks-for-a-password" -- in_terminal
podman system service --time 0 "unix://$work/podman.sock" >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 100); do [ -S "$work/podman.sock" ] && break; sleep 0.1; done
expect "Docker's client at podman's service" 1 "host-docker: podman" -- on debian DOCKER_HOST="unix://$work/podman.sock"

# Logins. The site is the lab's, with the machine's own commands in the place of the lab's.
login_site=$lab_folder/docker.toml
sed '/^command_path/d' "$site" >"$login_site"
password=$(cat "$lab_folder/secrets/registry-password")
image=$host/dss/by-docker:1
export DOCKER_HOST=$socket
tar c -C ci suites | /usr/bin/docker import - "$image" >/dev/null
stored() { printf %s "$1" | base64 -w0; }
printf '#!/bin/sh\n[ "$(cat)" = %s ] && printf %%s %q\n' "$host" \
  "$(printf '{"ServerURL":"%s","Username":"dssuser@lab","Secret":"%s"}' "$host" "$password")" >"$work/docker-credential-test"
printf '#!/bin/sh\necho locked; exit 1\n' >"$work/docker-credential-locked"
chmod 755 "$work"/docker-credential-*
for client in "${clients[@]}"; do cp "$work"/docker-credential-* "$work/$client/"; done

# agree NAME CLIENT WORD [SETTINGS]: the check says WORD, and the real command pushes if and only if that is a pass.
agree() {
  local name="$2: $1" client=$2 word=$3 pushed=refused; shift 3
  mkdir -p "$work/home/.docker"
  [ $# = 0 ] || printf '%s' "$1" >"$work/home/.docker/config.json"
  local as=(env HOME="$work/home" PATH="$work/$client:$rest")
  case $word in pass*) pushed=ok ;; esac
  expect "$name: docker push" "$pushed" -- "${as[@]}" docker push "$image"
  expect "$name: ackcheck" $([ $pushed = ok ] && echo ok || echo 1) "$word.*host-docker-login|host-docker-login: $word" -- \
    "${as[@]}" "$program" run --site "$login_site" --only host-docker-login
}
for client in "${clients[@]}"; do
  rm -rf "$work/home/.docker"
  agree "nobody logged in" "$client" not-logged-in
  expect "$client: docker login" ok "Login Succeeded" -- bash -c "HOME=$work/home $work/$client/docker login \
    --username dssuser@lab --password-stdin $host <$lab_folder/secrets/registry-password"
  agree "logged in" "$client" pass
  auth=$(stored "dssuser@lab:$password")
  agree "a URL as its key" "$client" pass '{"auths":{"https://'$host'/v1/":{"auth":"'$auth'"}}}'
  agree "the port as part of its key" "$client" not-logged-in '{"auths":{"'$host':443":{"auth":"'$auth'"}}}'
  agree "a password that was changed" "$client" expired '{"auths":{"'$host'":{"auth":"'$(stored dssuser@lab:CANARY-old)'"}}}'
  agree "a helper" "$client" pass '{"credHelpers":{"'$host'":"test"}}'
  agree "a store for all" "$client" pass '{"auths":{"'$host'":{}},"credsStore":"test"}'
  agree "a helper that is not there" "$client" helper-missing '{"auths":{"'$host'":{}},"credsStore":"gone"}'
  # The file's own login counts then, for clients before 28.5.
  agree "the same, and a login in the file" "$client" "$([ "$client" = debian ] && echo pass || echo helper-missing)" \
    '{"auths":{"'$host'":{"auth":"'$auth'"}},"credsStore":"gone"}'
  agree "a helper that fails" "$client" helper-fails '{"credHelpers":{"'$host'":"locked"}}'
  agree "a key in another case" "$client" pass '{"Auths":{"'$host'":{"auth":"'$auth'"}}}'
  agree "settings that are not JSON" "$client" unreadable '{"auths":{"'$host'":{"auth":"'$auth'"}}'
  agree "a field of another type" "$client" unreadable '{"auths":{"'$host'":{"auth":"'$auth'"}},"psFormat":5}'
  agree "the same with a helper" "$client" pass '{"credHelpers":{"'$host'":"test"},"psFormat":5}'
  agree "base64 without a colon" "$client" unreadable '{"auths":{"'$host'":{"auth":"bm9jb2xvbg=="}}}'
done
stop

# A disk that is all but full.
mount -t tmpfs -o size=64m none "$work/small"
if start_daemon small "$work/small"; then
  expect "a daemon without room" 1 "disk-full" -- on debian
else
  fail "a daemon on a small disk" "$(tail -1 "$scratch/small.log")"
fi
finish
