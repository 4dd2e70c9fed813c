//! What is known of the release of DSS that the site file describes.

use ackcheck_core::context::Context;
use ackcheck_core::dss_facts::{self, Known, Release};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{DssVersion, VersionFile};
use ackcheck_core::verdict::Unseen;

/// The version of DSS, and what that release asks for.
///
/// # Errors
/// Where no DSS is described, its version cannot be read, or nothing is known of it.
pub(crate) async fn of(context: &Context) -> Seen<(DssVersion, &'static Release)> {
    let version = match context.dss()?.versions().await?.data {
        VersionFile::Version(version) => version,
        VersionFile::Missing { file } => return Err(Unseen::unreadable(file, "it does not exist")),
        VersionFile::Unreadable { file, why } => return Err(Unseen::unreadable(file, why)),
    };
    match dss_facts::of(&version) {
        Known::Release(release) => Ok((version, release)),
        Known::Older | Known::Newer => {
            let why = format!("ackcheck knows releases from 8.0.4 to {}", dss_facts::newest());
            Err(Unseen::unreadable(format!("what DSS {} asks for", version.text), why))
        }
    }
}

/// Why a check does not apply where the fact that it compares with is not known of a release.
pub(crate) fn not_known(what: &str, version: &DssVersion) -> Unseen {
    Unseen::not_described(format!("{what} of DSS {} is not known to ackcheck", version.text))
}
