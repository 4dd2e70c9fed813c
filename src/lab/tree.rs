//! The DSS host: a directory tree written from `fixtures/dss`, and the commands that are found on it.
//!
//! What all releases share is in `fixtures/dss/common`; what one release has otherwise is in the folder of its name and
//! lies over it. The files are templates: `{{/json/pointer}}` is a value of the world, `{{name}}` one of the tree's own.

mod classes;
mod commands;
mod docker;
mod environment;
mod faults;
mod jars;
mod java;
mod firewall;
mod kubectl;
mod programs;
mod system;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::dss::world::DssWorld;
use super::world::World;

/// Where the tree was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The DSS data directory.
    pub data: PathBuf,
    /// The DSS install directory.
    pub install: PathBuf,
    /// The folder of the commands found on the host: the only entry of `[host] command_path`.
    pub commands: PathBuf,
}

/// The releases of DSS there are fixtures for; `/deployment/dss/release` names one.
pub const RELEASES: [&str; 7] = ["8.0.4", "9.0.5", "11.1", "12.6", "13.1", "14.2", "15.2"];

/// Files of a tree: where they go, and their templates.
type Files = &'static [(&'static str, &'static str)];

macro_rules! fixtures {
    ($folder:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../fixtures/dss/", $folder, "/", $path)))),*]
    };
}

const COMMON: Files = fixtures!("common":
    "data/dss-version.json",
    "data/install.ini",
    "data/install-support/expected-dip-home.txt",
    "data/bin/env-default.sh",
    "data/bin/env-hadoop.sh",
    "data/bin/env-spark.sh",
    "data/bin/env-site.sh",
    "data/config/dip.properties",
    "data/config/variables.json",
    "data/config/users.json",
    "data/config/connections.json",
    "data/config/general-settings.json",
    "data/config/projects/LAB/recipes/compute_lab.json",
    "install/dss-version.json",
    "install/scripts/linked/dss",
);

/// A release: the values of its templates (`release.json`), and the files it has otherwise than the others.
fn release(name: &str) -> anyhow::Result<(&'static str, Files)> {
    Ok(match name {
        "8.0.4" => (include_str!("../../fixtures/dss/8.0.4/release.json"), &[]),
        "9.0.5" => (include_str!("../../fixtures/dss/9.0.5/release.json"), &[]),
        "11.1" => (include_str!("../../fixtures/dss/11.1/release.json"), &[]),
        "12.6" => (include_str!("../../fixtures/dss/12.6/release.json"), &[]),
        "13.1" => (include_str!("../../fixtures/dss/13.1/release.json"), &[]),
        "14.2" => (
            include_str!("../../fixtures/dss/14.2/release.json"),
            fixtures!("14.2": "data/config/general-settings.json"),
        ),
        "15.2" => (
            include_str!("../../fixtures/dss/15.2/release.json"),
            fixtures!("15.2": "data/config/general-settings.json"),
        ),
        other => bail!("fixtures/dss has no release {other:?}; it has {}", RELEASES.join(", ")),
    })
}

/// The version of a release, as its `dss-version.json` has it.
pub(crate) fn product_version(release_name: &str) -> anyhow::Result<String> {
    let values: Value = serde_json::from_str(release(release_name)?.0)?;
    let version = values.get("product_version").and_then(Value::as_str);
    Ok(version.context("release.json has no product_version")?.to_owned())
}

/// The version of the cluster that a release is used with: one that its Spark can drive.
///
/// # Errors
/// If there is no such release.
pub(crate) fn kubernetes_of(name: &str) -> anyhow::Result<String> {
    let values: BTreeMap<String, String> = serde_json::from_str(release(name)?.0)?;
    values.get("kubernetes").cloned().with_context(|| format!("fixtures/dss/{name}/release.json has no kubernetes"))
}

/// Writes the tree of the world's DSS host below `root`, which is there and empty, and applies the world's faults on files.
///
/// # Errors
/// If a file cannot be written, a template names a value that is not there, or a fault changes nothing.
pub fn write(world: &World, root: &Path) -> anyhow::Result<Tree> {
    let instance = world.deployment()?.dss;
    let (values, over) = release(&instance.release)?;
    let mut values: BTreeMap<String, String> =
        serde_json::from_str(values).with_context(|| format!("fixtures/dss/{}/release.json", instance.release))?;
    let product_version = values.get("product_version").context("release.json has no product_version")?;
    let tree = Tree {
        data: root.join("dss_data"),
        install: root.join(format!("dataiku-dss-{product_version}")),
        commands: root.join("commands"),
    };
    values.insert("data".to_owned(), tree.data.display().to_string());
    values.insert("install".to_owned(), tree.install.display().to_string());
    values.insert("java".to_owned(), programs::java_of(root).display().to_string());
    // The offsets of DSS's own ports from its base port are fixed: nginx, backend, notebooks, Hadoop proxy, events.
    for (offset, name) in (0u16..).zip(["base", "backend", "ipython", "hproxy", "eventserver"]) {
        values.insert(format!("{name}_port"), (instance.base_port + offset).to_string());
    }

    for (path, template) in COMMON {
        let template = over.iter().find(|(other, _)| other == path).map_or(*template, |(_, template)| template);
        let text = fill(template, world, &values).with_context(|| format!("fixtures/dss: {path}"))?;
        let to = match path.split_once('/') {
            Some(("data", rest)) => tree.data.join(rest),
            Some(("install", rest)) => tree.install.join(rest),
            _ => bail!("fixtures/dss: {path} is neither of the data nor of the install directory"),
        };
        put(&to, text.as_bytes())?;
    }
    link(&tree.install.join("scripts/linked/dss"), &tree.data.join("bin/dss"))?;
    let libraries = tree.install.join("hadoop-standalone-libs");
    jars::write(&libraries)?;
    jars::replace(&libraries, &world.section::<DssWorld>()?.libraries)?;
    // The same jars do for Spark, which has its own copies.
    let jars_of_spark = tree.install.join("spark-standalone-home/jars");
    jars::write(&jars_of_spark)?;
    let client = values.get("kubernetes_client").context("release.json has no kubernetes_client")?;
    jars::write_one(&jars_of_spark, &format!("io.fabric8:kubernetes-client:{client}"))?;
    let spark = values.get("spark").context("release.json has no spark")?;
    // Spark 4 is built with Scala 2.13 alone.
    let scala = if spark.starts_with('4') { "2.13" } else { "2.12" };
    jars::write_one(&jars_of_spark, &format!("org.apache.spark:spark-kubernetes_{scala}:{spark}"))?;
    faults::apply(world, &tree, &values)?;
    commands::write(world, &tree, root, &values)?;
    Ok(tree)
}

/// The text with `{{/json/pointer}}` and `{{name}}` replaced.
fn fill(template: &str, world: &World, values: &BTreeMap<String, String>) -> anyhow::Result<String> {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").context("a `{{` has no `}}`")?;
        out.push_str(before);
        if name.starts_with('/') {
            match world.value(name)? {
                Value::String(text) => out.push_str(text),
                value @ (Value::Number(_) | Value::Bool(_)) => out.push_str(&value.to_string()),
                value => bail!("{{{{{name}}}}} is {value}, which no text can hold"),
            }
        } else {
            out.push_str(values.get(name).with_context(|| format!("no value for {{{{{name}}}}}"))?);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Writes a file and the folders above it.
fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    std::fs::write(path, bytes).with_context(|| path.display().to_string())
}

/// Writes a command into a folder.
fn command(folder: &Path, name: &str, body: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    put(&path, format!("#!/bin/sh\n{body}").as_bytes())?;
    let runnable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, runnable).with_context(|| path.display().to_string())
}

fn link(to: &Path, at: &Path) -> anyhow::Result<()> {
    std::os::unix::fs::symlink(to, at).with_context(|| at.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::fault::{Fault, LabFile};

    fn world(faults: &[Fault]) -> World {
        let mut world = World::healthy().unwrap();
        for fault in faults {
            world.apply(fault).unwrap();
        }
        world
    }

    fn output(tree: &Tree, command: &str, arguments: &[&str]) -> (i32, String) {
        let output = std::process::Command::new(tree.commands.join(command)).args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn every_release_is_written_whole() {
        for release in RELEASES {
            let json = format!("\"{release}\"");
            let fault = Fault::Set("/deployment/dss/release", Box::leak(json.into_boxed_str()));
            let mut world = World::healthy().unwrap();
            // To set the release that the healthy world has is not a fault.
            let _ = world.apply(&fault);
            let root = tempfile::tempdir().unwrap();
            let tree = write(&world, root.path()).unwrap();
            for file in ["connections.json", "general-settings.json", "users.json", "variables.json"] {
                let text = std::fs::read_to_string(tree.data.join("config").join(file)).unwrap();
                assert!(!text.contains("{{"), "{release}: {file}");
                serde_json::from_str::<Value>(&text).unwrap();
            }
            let version = std::fs::read_to_string(tree.data.join("dss-version.json")).unwrap();
            assert!(version.contains(release), "{version}");
            assert!(tree.data.join("bin/dss").canonicalize().unwrap().starts_with(root.path().canonicalize().unwrap()));
            assert!(tree.install.join("hadoop-standalone-libs/hadoop-aliyun-3.2.1.jar").is_file());
        }
    }

    #[test]
    fn the_hosts_commands_answer_from_the_world() {
        let root = tempfile::tempdir().unwrap();
        let tree = write(&world(&[]), root.path()).unwrap();
        assert_eq!(output(&tree, "hostname", &["-f"]), (0, "dss.lab.internal\n".to_owned()));
        assert_eq!(output(&tree, "hostname", &["-s"]), (0, "dss\n".to_owned()));
        assert_eq!(output(&tree, "hostname", &[]), (0, "dss\n".to_owned()));
        assert_eq!(output(&tree, "hostname", &["-I"]), (0, "10.0.0.20 \n".to_owned()));
        let (code, lines) = output(&tree, "getent", &["ahosts", "dss.lab.internal"]);
        assert_eq!((code, lines.split_whitespace().next()), (0, Some("10.0.0.20")));
        // A wildcard of the name servers, and a name that is nowhere.
        let (code, lines) = output(&tree, "getent", &["ahosts", "b.oss-cn-hangzhou.aliyuncs.com"]);
        assert_eq!((code, lines.split_whitespace().next()), (0, Some("118.31.219.200")));
        assert_eq!(output(&tree, "getent", &["ahosts", "no.such.name"]), (2, String::new()));
        let (code, page) = output(&tree, "docker", &["version", "--format", "{{json .}}"]);
        assert_eq!((code, page.contains("\"Arch\":\"amd64\"")), (0, true), "{page}");
        assert_eq!(output(&tree, "printenv", &["HOME"]), (0, "/home/dssuser\n".to_owned()));
    }

    #[test]
    fn faults_edit_files_and_one_that_changes_nothing_is_an_error() {
        const SITE: LabFile = LabFile::Data("bin/env-site.sh");
        const JAR: LabFile = LabFile::Install("hadoop-standalone-libs/aliyun-sdk-oss-3.11.2.jar");
        let root = tempfile::tempdir().unwrap();
        let tree = write(
            &world(&[
                Fault::Replace(SITE, "export ", ""),
                Fault::Truncate(JAR, 40),
                Fault::Copy(JAR, "hadoop-standalone-libs/other.jar"),
                Fault::Delete(LabFile::Data("bin/dss")),
                Fault::RemoveIn(LabFile::Data("config/connections.json"), "/connections/oss_managed"),
                Fault::Write(LabFile::Data("new/folder/file"), "in {{data}}"),
            ]),
            root.path(),
        )
        .unwrap();
        assert!(!std::fs::read_to_string(tree.data.join("bin/env-site.sh")).unwrap().contains("export "));
        assert_eq!(std::fs::read(tree.install.join("hadoop-standalone-libs/other.jar")).unwrap().len(), 40);
        assert!(tree.data.join("bin/dss").symlink_metadata().is_err());
        assert_eq!(
            std::fs::read_to_string(tree.data.join("new/folder/file")).unwrap(),
            format!("in {}", tree.data.display())
        );
        for fault in [
            Fault::Replace(SITE, "not there", "x"),
            Fault::Truncate(SITE, 1 << 20),
            Fault::Delete(LabFile::Data("bin/none")),
            Fault::Write(LabFile::Data("config/dip.properties"), "# Properties of this instance\n"),
            Fault::Copy(LabFile::Data("dss-version.json"), "dss-version.json"),
            Fault::SetIn(LabFile::Data("config/connections.json"), "/connections/none/params", "1"),
            Fault::Write(LabFile::Data("../outside"), "x"),
        ] {
            let root = tempfile::tempdir().unwrap();
            assert!(write(&world(&[fault]), root.path()).is_err(), "{fault:?} passed");
        }
    }
}
