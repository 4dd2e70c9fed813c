# Debian's packages of programs that are not here; sourced by the scripts that need them.

# Mirrors and the way to them fail now and then: three tries, and the last one's words.
three_tries() {
  local try said
  for try in 1 2 3; do
    said=$(timeout 900 "$@" 2>&1) && return
    echo "try $try of $1 failed" >&2
    sleep $((try * 5))
  done
  tail -5 <<<"$said" >&2
  return 1
}

# install_packages PROGRAM:PACKAGE...: installs the package of each program, or file, that is not here. Suites that run side
# by side wait for one another, as apt does not.
install_packages() {
  local pair wanted=() sudo= held code=0
  for pair in "$@"; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || [ -f "${pair%%:*}" ] || wanted+=("${pair##*:}")
  done
  [ ${#wanted[@]} = 0 ] && return
  command -v apt-get >/dev/null || { echo "${wanted[*]}: not here, and this is not Debian" >&2; return 1; }
  [ "$(id -u)" = 0 ] || sudo="sudo -n"
  echo "installing ${wanted[*]}" >&2
  mkdir -p "${XDG_CACHE_HOME:-$HOME/.cache}"
  exec {held}>"${XDG_CACHE_HOME:-$HOME/.cache}/ackcheck-packages.lock"
  flock --timeout 1800 "$held"
  # RUNLEVEL keeps the packages from starting services of their own.
  three_tries $sudo apt-get update -qq &&
    three_tries $sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${wanted[@]}" || code=$?
  exec {held}>&-
  return "$code"
}
