//! What builds images on the lab's DSS host: it stands before the `docker` command, and answers what is asked of the builder.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

use super::put;

/// `/host/builder`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Builder {
    #[serde(rename = "comment")]
    _comment: String,
    /// What `docker info` calls the daemon's store in `DriverStatus`.
    store: Store,
    /// What `docker buildx inspect` prints as its version.
    buildkit: String,
}

/// Where the daemon keeps its images.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Store {
    Classic,
    Containerd,
}

impl Builder {
    /// Gives the docker command in `folder` its answers, if there is one.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join("docker");
        let Ok(script) = std::fs::read_to_string(&path) else { return Ok(()) };
        let (first, rest) = script.split_once('\n').context("the docker command is a script")?;
        let status = match self.store {
            Store::Classic => r#"[["Backing Filesystem","xfs"],["Supports d_type","true"]]"#,
            Store::Containerd => r#"[["driver-type","io.containerd.snapshotter.v1"]]"#,
        };
        let own = format!(
            "case \"$*\" in\n  'info --format {{{{json .DriverStatus}}}}') echo '{status}'; exit 0 ;;\n  \
             'buildx inspect') printf '%s\\n' 'Name:          default' 'Driver:        docker' '' 'Nodes:' \
             'Name:             default' 'Status:           running' 'BuildKit version: {}'; exit 0 ;;\nesac\n",
            self.buildkit
        );
        put(&path, format!("{first}\n{own}{rest}").as_bytes())
    }
}
