//! The lab's site file, filled in from the world, and the secrets it refers to.

use std::collections::BTreeMap;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

use super::world::World;

/// Writes `ackcheck.toml` and the secrets below `root`. `values` are put in as they are.
pub(super) fn write(world: &World, root: &Path, values: &BTreeMap<&str, String>) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(root.join("secrets"))?;
    let deployment = world.deployment()?;
    for (name, secret) in [
        ("registry-password", deployment.registry_user.password),
        ("oss-secret", deployment.oss_key.secret),
        ("oss-temporary-secret", deployment.oss_temporary_key.secret),
        ("oss-temporary-token", deployment.oss_temporary_key.token),
        ("cloud-secret", deployment.cloud_key.secret),
        ("dss-api-key", deployment.dss.api_key),
    ] {
        write_secret(&root.join("secrets").join(name), &secret)?;
    }
    let text = fill(include_str!("../../fixtures/lab/ackcheck.toml"), world, values)?;
    let file = root.join("ackcheck.toml");
    std::fs::write(&file, text).with_context(|| file.display().to_string())?;
    Ok(file)
}

fn write_secret(file: &Path, secret: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut open = options.write(true).create(true).truncate(true).mode(0o600).open(file)?;
    Ok(std::io::Write::write_all(&mut open, secret.as_bytes())?)
}

/// JSON strings and lists of strings are TOML as they stand.
fn fill(template: &str, world: &World, values: &BTreeMap<&str, String>) -> anyhow::Result<String> {
    let mut lines = Vec::new();
    for line in template.lines() {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{").filter(|_| !line.starts_with('#')) {
            let (name, after) = after.split_once("}}").with_context(|| format!("a `{{{{` has no `}}}}`: {line}"))?;
            out.push_str(before);
            match values.get(name) {
                Some(value) => out.push_str(value),
                None => out.push_str(&world.value(name)?.to_string()),
            }
            rest = after;
        }
        out.push_str(rest);
        lines.push(out);
    }
    Ok(lines.join("\n") + "\n")
}

/// A text as TOML has it.
pub(super) fn quoted(text: impl std::fmt::Display) -> String {
    Value::String(text.to_string()).to_string()
}
