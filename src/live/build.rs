//! Builds the probe, a static program for the nodes, and leaves the layer of its image where `probe.rs` embeds it.
//!
//! It is built by a cargo of its own, with a target directory of its own that every profile shares, and only when its
//! sources change. Where it cannot be built the program is built without it, and says so when a run needs it.
//! `ACKCHECK_PROBE_BIN` names a file to embed instead.

use std::path::{Path, PathBuf};
use std::process::Command;

#[expect(unreachable_pub, reason = "public in the library, which has this file too")]
#[path = "probe/layer.rs"]
mod layer;

/// The nodes' platform.
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// Static without musl (glibc's own libc.a); and the random numbers of TLS straight from the kernel, as an image from
/// scratch has no /dev/urandom for the fallback that a static glibc otherwise brings about.
const FLAGS: &str =
    "-C target-feature=+crt-static -C relocation-model=static --cfg getrandom_backend=\"linux_getrandom\"";

fn main() {
    println!("cargo::rerun-if-env-changed=ACKCHECK_PROBE_BIN");
    for path in [
        "build.rs",
        "probe/layer.rs",
        "../probe/Cargo.toml",
        "../probe/src",
        "../probe/protocol",
        "../clock",
        "../../Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out = PathBuf::from(variable("OUT_DIR"));
    let built = match std::env::var_os("ACKCHECK_PROBE_BIN") {
        Some(given) => {
            println!("cargo::rerun-if-changed={}", Path::new(&given).display());
            Ok(PathBuf::from(given))
        }
        None => build(&out),
    };
    let layer = built.and_then(|file| {
        let made = std::fs::read(&file).and_then(|program| layer::Layer::of(&program));
        made.map_err(|error| format!("{}: {error}", file.display()))
    });
    let layer = layer.unwrap_or_else(|why| {
        println!("cargo::warning=ackcheck is built without its probe: {}", why.replace('\n', " "));
        // A file that is not there has cargo come back here on the next build.
        println!("cargo::rerun-if-changed={}", out.join("not-built").display());
        layer::Layer { gzip: Vec::new().into(), diff_id: String::new() }
    });
    for (name, bytes) in [("layer.tar.gz", &*layer.gzip), ("layer.diff-id", layer.diff_id.as_bytes())] {
        let file = out.join(name);
        if let Err(error) = std::fs::write(&file, bytes) {
            println!("cargo::error={}: {error}", file.display());
        }
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Builds the probe and gives its file.
fn build(out: &Path) -> Result<PathBuf, String> {
    if variable("HOST") != TARGET {
        return Err(format!("it is for {TARGET}, and this machine is {}", variable("HOST")));
    }
    let target_dir = target_dir(out).join("probe");
    let mut cargo = Command::new(variable("CARGO"));
    cargo
        .current_dir(variable("CARGO_MANIFEST_DIR"))
        .args(["build", "--package", "ackcheck-probe", "--locked", "--quiet"])
        .args(["--profile", "probe", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target_dir);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        // What the outer cargo says about its own build: clippy's wrapper, its flags, this package's names.
        let about_outer = name.starts_with("CARGO_") || name.starts_with("RUSTC") || name.starts_with("RUSTFLAGS");
        let kept = ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_NET_OFFLINE"].contains(&&*name)
            || name.starts_with("CARGO_HTTP_")
            || name.starts_with("CARGO_REGISTR")
            || name.starts_with("CARGO_SOURCE_");
        if about_outer && !kept {
            cargo.env_remove(&*name);
        }
    }
    let done = cargo.env("RUSTFLAGS", FLAGS).output().map_err(|error| format!("cargo does not start: {error}"))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let last: Vec<&str> = said.lines().rev().filter(|line| !line.trim().is_empty()).take(4).collect();
        return Err(last.into_iter().rev().collect::<Vec<_>>().join(" | "));
    }
    Ok(target_dir.join(TARGET).join("probe").join(layer::PROGRAM))
}

/// The target directory this build works in: the nearest folder above `OUT_DIR` that cargo marked as its own.
fn target_dir(out: &Path) -> PathBuf {
    out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).unwrap_or(out).to_path_buf()
}
