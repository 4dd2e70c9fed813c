//! The data and the install directory.

use ackcheck_core::seat::Dss;

use super::comparison::{Comparison, describe};

/// Compares `[dss]` with what the data directory's own files say.
pub(super) async fn compare(comparison: &mut Comparison, dss: &dyn Dss) {
    let stated = match dss.directories().await {
        Ok(stated) => stated,
        Err(unseen) => return comparison.unseen(unseen),
    };
    for one in stated {
        if one.same {
            comparison.same();
            continue;
        }
        let (key, site, theirs, place) = (one.key, &one.site, &one.told, &one.place);
        let seen = format!("`{key}` in [dss] of the site file is {site}, but {place} says {theirs}");
        let finding = comparison.differs(&super::DIRECTORY_DIFFERS, seen);
        describe(finding, &[("key", key), ("site_value", site), ("dss_value", theirs), ("place", place)]);
    }
}
