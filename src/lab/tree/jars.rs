//! The jars of the standalone Hadoop libraries: real archives, with Maven's own `pom.properties`, the same bytes every time.

use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context as _, bail};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{classes, put};

const COORDINATES: &str = include_str!("../../../fixtures/dss/common/jars.json");

/// Writes every jar of `fixtures/dss/common/jars.json` into `folder`.
pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    // Each trial writes the same archives: they are made once in a process.
    static JARS: OnceLock<Vec<(String, Vec<u8>)>> = OnceLock::new();
    let jars = match JARS.get() {
        Some(jars) => jars,
        None => {
            let coordinates: Vec<String> =
                serde_json::from_str(COORDINATES).context("fixtures/dss/common/jars.json")?;
            let made = coordinates.iter().map(|coordinates| jar(coordinates)).collect::<anyhow::Result<Vec<_>>>()?;
            JARS.get_or_init(|| made)
        }
    };
    for (name, bytes) in jars {
        put(&folder.join(name), bytes)?;
    }
    Ok(())
}

/// Writes jars into `folder`, by their coordinates, in place of those of the same artifact.
pub(super) fn replace(folder: &Path, coordinates: &[String]) -> anyhow::Result<()> {
    let known: Vec<String> = serde_json::from_str(COORDINATES).context("fixtures/dss/common/jars.json")?;
    for coordinates in coordinates {
        let artifact = coordinates.rsplit_once(':').map_or("", |(artifact, _)| artifact);
        for old in known.iter().filter(|old| old.rsplit_once(':').is_some_and(|(known, _)| known == artifact)) {
            let (name, _) = jar(old)?;
            std::fs::remove_file(folder.join(name)).with_context(|| format!("{old} was replaced before"))?;
        }
        write_one(folder, coordinates)?;
    }
    Ok(())
}

/// Writes what the lab's Java brings itself, as Java 8 has it: one jar.
pub(super) fn write_java(file: &Path, feature: u16) -> anyhow::Result<()> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in classes::of_java(feature)? {
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(&content)?;
    }
    put(file, archive.finish()?.get_ref())
}

/// Writes one more jar into `folder`, by its coordinates.
pub(super) fn write_one(folder: &Path, coordinates: &str) -> anyhow::Result<()> {
    let (name, bytes) = jar(coordinates)?;
    put(&folder.join(name), &bytes)
}

/// One jar, by its coordinates `group:artifact:version`: its name and its bytes.
fn jar(coordinates: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let &[group, artifact, version] = coordinates.split(':').collect::<Vec<_>>().as_slice() else {
        bail!("{coordinates:?} is not group:artifact:version");
    };
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    archive.start_file("META-INF/MANIFEST.MF", options)?;
    archive.write_all(b"Manifest-Version: 1.0\r\nCreated-By: Apache Maven\r\n\r\n")?;
    archive.start_file(format!("META-INF/maven/{group}/{artifact}/pom.properties"), options)?;
    archive.write_all(format!("version={version}\ngroupId={group}\nartifactId={artifact}\n").as_bytes())?;
    for (name, content) in classes::of(artifact, version)? {
        archive.start_file(name, options)?;
        archive.write_all(&content)?;
    }
    Ok((format!("{artifact}-{version}.jar"), archive.finish()?.into_inner()))
}
