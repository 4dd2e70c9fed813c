//! What Docker on the host pushes by itself.
//!
//! buildx adds attestations where the image store can hold them, which is containerd's: the default of Docker 29 on a new
//! machine, and an option since 24. BuildKit stores them as OCI artifacts since 0.32.

use std::fmt;

use ackcheck_core::context::Context;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::host::docker::{AS_JSON, InfoPage};
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// The first version of BuildKit that stores attestations as OCI artifacts.
const ARTIFACTS_SINCE: (u32, u32) = (0, 32);

/// With this variable in its environment buildx adds none.
const ADDS_NOTHING: &str = "BUILDX_NO_DEFAULT_ATTESTATIONS";

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Builder {
    store: Store,
    /// Whether DSS has [`ADDS_NOTHING`] in its environment, where that can be seen.
    adds_nothing: Seen<bool>,
}

/// Where Docker keeps images.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Store {
    /// It could not be asked.
    Unknown,
    /// Docker's own store, which holds no attestations.
    Classic,
    /// containerd's, with the version of BuildKit where that is known.
    Containerd { buildkit: Option<(u32, u32)> },
}

impl Builder {
    /// Asks Docker on the host, and DSS for its environment.
    pub(super) async fn of(context: &Context) -> Builder {
        let store = match context.host() {
            Ok(host) => Store::of(&*host).await,
            Err(_) => Store::Unknown,
        };
        let missing = match context.dss() {
            Ok(dss) => dss.variables_missing(&[ADDS_NOTHING]).await,
            Err(unseen) => Err(unseen),
        };
        let adds_nothing = match missing {
            // Before DSS is there, or from elsewhere: what Docker does by itself counts.
            Err(Unseen::NotDescribed(_)) => Ok(false),
            missing => missing.map(|missing| missing.is_empty()),
        };
        Builder { store, adds_nothing }
    }

    /// True where DSS's builds get no attestations, whatever Docker does by itself.
    pub(super) fn adds_nothing(&self) -> Seen<bool> {
        // What adds none anyway is not worth a look at DSS that may have failed.
        match (&self.adds_nothing, &self.store) {
            (Err(_), Store::Classic | Store::Unknown) => Ok(false),
            (seen, _) => seen.clone(),
        }
    }

    pub(super) fn pushes_oci_images(&self) -> bool {
        matches!(self.store, Store::Containerd { .. })
    }

    /// Attestations with the configuration of an image.
    pub(super) fn pushes_attestations(&self) -> bool {
        matches!(self.store, Store::Containerd { buildkit } if buildkit.is_none_or(|version| version < ARTIFACTS_SINCE))
    }

    /// Attestations with an empty configuration.
    pub(super) fn pushes_artifacts(&self) -> bool {
        matches!(self.store, Store::Containerd { buildkit: Some(version) } if version >= ARTIFACTS_SINCE)
    }
}

impl Store {
    async fn of(host: &dyn Host) -> Store {
        let printed_info = printed(host, &[&["info"], &AS_JSON[..]].concat()).await;
        match printed_info.as_deref().and_then(InfoPage::parse).filter(|info| !info.server_version.is_empty()) {
            Some(info) if info.images_in_containerd() => {
                let inspected = printed(host, &["buildx", "inspect"]).await;
                Store::Containerd { buildkit: inspected.as_deref().and_then(version) }
            }
            Some(_) => Store::Classic,
            None => Store::Unknown,
        }
    }
}

impl fmt::Display for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.store {
            Store::Unknown => f.write_str("what Docker on this host adds to images is not known"),
            Store::Classic => f.write_str("Docker on this host uses its classic image store, which adds none of it"),
            Store::Containerd { buildkit: None } => {
                f.write_str("Docker on this host uses the containerd image store, which adds attestations")
            }
            Store::Containerd { buildkit: Some((major, minor)) } => write!(
                f,
                "Docker on this host uses the containerd image store and BuildKit {major}.{minor}, which adds attestations"
            ),
        }
    }
}

/// What a command of Docker's printed, where it succeeded.
async fn printed(host: &dyn Host, arguments: &[&str]) -> Option<String> {
    let output = host.run("docker", arguments).await.ok()?;
    (output.ended == Ended::Exit(0)).then_some(output.stdout)
}

/// The version that `docker buildx inspect` prints: `BuildKit version: v0.26.2`.
fn version(inspected: &str) -> Option<(u32, u32)> {
    let line = inspected.lines().find_map(|line| line.trim().strip_prefix("BuildKit version:"))?;
    let mut parts = line.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_pushes_follows_from_its_store_and_its_version() {
        let pushes = |store| {
            let it = Builder { store, adds_nothing: Ok(false) };
            (it.pushes_oci_images(), it.pushes_attestations(), it.pushes_artifacts())
        };
        let of = |buildkit| Store::Containerd { buildkit };
        assert_eq!(pushes(Store::Classic), (false, false, false));
        assert_eq!(pushes(Store::Unknown), (false, false, false));
        assert_eq!(pushes(of(Some((0, 26)))), (true, true, false));
        assert_eq!(pushes(of(Some((0, 32)))), (true, false, true));
        assert_eq!(pushes(of(Some((1, 0)))), (true, false, true));
        assert_eq!(pushes(of(None)), (true, true, false));
    }

    #[test]
    fn an_environment_that_cannot_be_seen_matters_where_attestations_are_made() {
        let unseen = || Err(Unseen::unreadable("the environment of DSS", "DSS is not running"));
        let of = |store| Builder { store, adds_nothing: unseen() }.adds_nothing();
        assert_eq!(of(Store::Classic), Ok(false));
        assert_eq!(of(Store::Containerd { buildkit: None }), unseen());
    }

    #[test]
    fn reads_the_version_that_buildx_prints() {
        let printed = "Name:          default\nDriver:        docker\n\nNodes:\nName:             default\n\
                       BuildKit version: v0.26.2\nPlatforms:        linux/amd64\n";
        assert_eq!(version(printed), Some((0, 26)));
        for nothing in ["", "BuildKit version: ", "BuildKit version: unknown", "Buildkit: v0.1.2"] {
            assert_eq!(version(nothing), None, "{nothing}");
        }
    }
}
