# The lab that the clients ask; sourced after ci/suite.sh and find_program.
lab_pid=
stop_lab() {
  [ -n "$lab_pid" ] || return 0
  kill -INT "$lab_pid" 2>/dev/null
  wait "$lab_pid" 2>/dev/null
  lab_pid=
}
trap stop_lab EXIT

# told PATTERN: what the lab printed where the parentheses are.
told() { sed -nE "s|.*$1.*|\\1|p" "$scratch/lab"; }

# start_lab [OPTION...] leaves in $site its site file, in $lab_folder that file's folder with `secrets` in it, in $proxy
# its services, in $authority the certificate to trust, and in $kubeconfig the way to its Kubernetes.
start_lab() {
  stop_lab
  : >"$scratch/lab"
  "$program" lab "$@" >"$scratch/lab" 2>"$scratch/lab.err" &
  lab_pid=$!
  # Its last line. The bound is far above the tenth of a second that it takes.
  local tries=0
  until grep -q '^ *Secrets ' "$scratch/lab"; do
    if ! kill -0 "$lab_pid" 2>/dev/null || [ $((tries += 1)) = 600 ]; then
      cat "$scratch/lab.err"
      fail "ackcheck lab $*" "it does not start"
      finish
    fi
    sleep 0.1
  done
  site=$(told '--site (\S+)') proxy=$(told 'HTTPS_PROXY=(\S+)') authority=$(told 'SSL_CERT_FILE=(\S+)')
  kubeconfig=$(told 'KUBECONFIG=(\S+)') lab_folder=$(dirname "$site")
}
