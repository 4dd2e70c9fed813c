#!/usr/bin/env bash
# The program as it is given away: one static file, built with musl, that starts on every x86-64 Linux whatever its libc.
# Leaves dist/ackcheck-VERSION-x86_64-linux with its sha256, and proves it: ci/release/prove.sh.
#
# musl and not a static glibc: glibc's getaddrinfo loads the modules that the host's nsswitch.conf names, for which its
# version must be the host's own; musl's asks /etc/hosts and the name servers itself.
set -uo pipefail
cd "$(dirname "$0")/.."
target=x86_64-unknown-linux-musl

suite=release
. ci/suite.sh
rm -rf dist
[ "$(uname -sm)" = "Linux x86_64" ] || skip_all no-x86-linux "the program is built for x86-64 Linux, on it"
command -v gcc >/dev/null || skip_all no-compiler "no C compiler for the dependency that has C (ring)"
if ! ls "$(rustc --print target-libdir --target $target)"/libstd-*.rlib >/dev/null 2>&1; then
  timeout 300 rustup target add $target || skip_all no-musl "Rust's library for $target is not here and cannot be fetched"
fi
# ring's C needs no libc: the compiler of the host does. What Ubuntu's adds by itself would need glibc.
export CC_x86_64_unknown_linux_musl=gcc CFLAGS_x86_64_unknown_linux_musl=-U_FORTIFY_SOURCE
cargo build --locked --release --quiet --bin ackcheck --target $target || { fail "cargo build" "see above"; finish; }
version=$(sed -nE 's/^version = "(.*)"/\1/p' Cargo.toml | head -1)
name=ackcheck-$version-x86_64-linux
mkdir -p dist
install --strip --mode 755 "${CARGO_TARGET_DIR:-target}/$target/release/ackcheck" "dist/$name"
(cd dist && sha256sum "$name" >"$name.sha256" && cat "$name.sha256")
du -h "dist/$name" | cut -f1

# Root in a network namespace of its own, or what comes near to it.
for enter in "unshare --net" "unshare --map-root-user --net" ""; do
  [ -n "$enter" ] && ! $enter true 2>/dev/null && continue
  [ "$enter" = "unshare --net" ] && [ "$(id -u)" != 0 ] && continue
  exec $enter ci/release/prove.sh "dist/$name" "$version"
done
