# What the suites have in common. A script names itself in $suite and sources this in the root of the repository; it gets
# $scratch, a folder of its own that lasts from run to run. .ci/run reads the last line that `finish` prints, and the
# SKIPPED lines before it: ci/summary.py.
. ci/packages.sh

passed=0 failed=0 skipped=0
scratch=$(realpath -m "${CARGO_TARGET_DIR:-target}/ci/$suite")
mkdir -p "$scratch"

# skip NAME REASON: a part of the suite that cannot be run here. .ci/run fails unless ci/may-skip allows it.
skip() {
  skipped=$((skipped + 1))
  echo "SKIPPED $suite/$1: $2"
}

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
  exit
}

# skip_all NAME REASON: nothing of the suite can be run here; the name is that of what is missing.
skip_all() { skip "$1" "$2"; finish; }

# fail NAME REASON
fail() {
  failed=$((failed + 1))
  echo "FAILED  $1: $2"
}

# find_program leaves the program to test in $program: the one that ACKCHECK names, or a release build.
find_program() {
  program=${ACKCHECK:-}
  if [ -z "$program" ]; then
    cargo build --locked --release --quiet --bin ackcheck || { fail "cargo build" "see above"; finish; }
    program=${CARGO_TARGET_DIR:-target}/release/ackcheck
  fi
  program=$(realpath "$program")
}

# find_example NAME leaves in $example a program of the workspace that asks one of its readers. `cargo test` builds them;
# with its features nothing is built a second time.
find_example() {
  cargo test --locked --quiet --no-run || { fail "cargo test --no-run" "see above"; finish; }
  example=$(realpath "${CARGO_TARGET_DIR:-target}/debug/examples/$1")
}

# python_environment NAME REQUIREMENTS leaves in $python an interpreter that has what the file lists. It is made once.
python_environment() {
  local folder; folder=$(realpath -m "${CARGO_TARGET_DIR:-target}/ci/python-$1")
  python=$folder/bin/python
  cmp -s "$2" "$folder/requirements.txt" && return
  rm -rf "$folder"
  python3 -c 'import ensurepip' 2>/dev/null || install_packages "no-ensurepip:python3-venv" || return
  python3 -m venv "$folder" || return
  "$python" -m pip install --quiet --disable-pip-version-check --requirement "$2" || return
  # Last, so that an environment made by half is made again.
  cp "$2" "$folder/requirements.txt"
}

# Bounds a command by a time far above what it takes; functions bound the programs that they start.
bounded() { if [ "$(type -t "$1")" = function ]; then "$@"; else timeout 300 "$@"; fi; }

# expect NAME ok|refused|CODE [TEXT] -- COMMAND: how it ends, and what it says.
expect() {
  local name=$1 how=$2 text= out code=0 good=1; shift 2
  [ "$1" = -- ] || { text=$1; shift; }
  shift
  out=$(bounded "$@" 2>&1) || code=$?
  case $how in
    ok) [ $code = 0 ] || good=0 ;;
    # 124 is a time-out's.
    refused) [ $code != 0 ] && [ $code != 124 ] || good=0 ;;
    *) [ $code = "$how" ] || good=0 ;;
  esac
  [ -z "$text" ] || grep -qE -- "$text" <<<"$out" || good=0
  if [ $good = 1 ]; then passed=$((passed + 1)); echo "ok      $name"; else
    fail "$name" "exit $code"; sed 's/^/        /' <<<"$out" | tail -25
  fi
}
