//! The Java and the Python of the lab's DSS host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

use super::java::{self, ReadsBack};
use super::{Tree, command, jars};
use crate::world::World;
use ackcheck_core::shell::shell_word;

/// `/host/programs`: the version of each; null for that of the release, `missing` where it is not there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Programs {
    #[serde(rename = "comment")]
    _comment: String,
    java: Option<String>,
    /// What Hadoop reads back of what it wrote.
    hadoop_reads_back: ReadsBack,
    python: Option<String>,
    /// What the Python of the instance is linked to is not there, as after an upgrade of the host.
    python_link_broken: bool,
}

/// Where the Java of the host is, for the templates of DSS's files.
pub(super) fn java_of(root: &Path) -> PathBuf {
    root.join("jvm/bin/java")
}

impl Programs {
    /// Writes them: Java into the host's folders, Python into the data directory.
    pub(super) fn write(
        self,
        world: &World,
        tree: &Tree,
        root: &Path,
        release: &BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        let version = |own: Option<String>, key: &str| match own {
            Some(own) => Ok((own != "missing").then_some(own)),
            None => release.get(key).cloned().map(Some).with_context(|| format!("release.json has no {key}")),
        };
        if let Some(version) = version(self.java, "java_version")?
            && let Some(folder) = java_of(root).parent()
        {
            command(folder, "java", &java::script(world, &version, self.hadoop_reads_back)?)?;
            // The classes that this Java has: `bin/java` belongs to the folder above.
            jars::write_java(&root.join("jvm/lib/rt.jar"), java::feature(&version)?)?;
        }
        if let Some(version) = version(self.python, "python_version")? {
            // As the installer writes it: a script that calls what the instance's own environment is linked to.
            let linked = tree.data.join("pyenv/bin/python");
            let exec = format!("exec {} \"$@\"\n", shell_word(&linked.display().to_string()));
            command(&tree.data.join("bin"), "python", &exec)?;
            if !self.python_link_broken {
                let said = shell_word(&format!("Python {version}"));
                command(&tree.data.join("pyenv/bin"), "python", &format!("[ \"$1\" = -B ] || exit 2\necho {said}\n"))?;
            }
        }
        Ok(())
    }
}
