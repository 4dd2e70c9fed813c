//! Files of a DSS host, read within bounds: a settings file is never waited for, never a device, never gigabytes.

use std::path::Path;

use serde_json::Value;

use crate::json::not_json;
use ackcheck_core::right::Right;
use ackcheck_core::seat::Seen;
use ackcheck_core::text_file::{self, Unread, Why};
use ackcheck_core::verdict::{Broken, Unseen};

/// The largest settings file read, in bytes.
pub(super) const LARGEST_FILE: u64 = 16 << 20;

/// The file's text; none where there is no such file.
///
/// # Errors
/// Where it is there but cannot be read whole: a folder, a device, a loop of links, too large, forbidden, not UTF-8.
pub(super) fn text(path: &Path) -> Seen<Option<String>> {
    match text_file::read(path, LARGEST_FILE) {
        Ok(text) => Ok(Some(text)),
        Err(Unread { why: Why::Missing, .. }) => Ok(None),
        Err(Unread { why, .. }) => Err(broken(path.display().to_string(), path, &why).into()),
    }
}

/// The file's bytes; none where there is no such file.
///
/// # Errors
/// As [`text`], except that any bytes will do.
pub(super) fn bytes(path: &Path) -> Seen<Option<Vec<u8>>> {
    match text_file::bytes(path, LARGEST_FILE) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Unread { why: Why::Missing, .. }) => Ok(None),
        Err(Unread { why, .. }) => Err(broken(path.display().to_string(), path, &why).into()),
    }
}

/// What was not read, as a seat says it.
fn broken(what: String, path: &Path, why: &Why) -> Broken {
    match why {
        Why::Forbidden => Broken::denied([Right::read(path)], why.to_string()),
        why => Broken::unreadable(what, why.to_string()),
    }
}

/// The file's JSON; none where there is no such file.
///
/// # Errors
/// As [`text`], and where it is not JSON: with the line and column.
pub(super) fn json(path: &Path) -> Seen<Option<Value>> {
    text(path)?.map(|text| parsed(&text, path)).transpose()
}

/// A file's text as JSON.
///
/// # Errors
/// Where it is not: with the line and column.
pub(super) fn parsed(text: &str, path: &Path) -> Seen<Value> {
    // DSS's JSON reader (Gson) passes over a byte order mark.
    let parsed = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    parsed.map_err(|error| Unseen::unreadable(path.display().to_string(), not_json(&error)))
}

/// Says why a folder is no DSS data directory; nothing where it is one.
///
/// # Errors
/// Where it cannot be looked at.
pub(crate) fn is_data_dir(folder: &Path) -> Result<(), Broken> {
    let what = format!("the data directory {}", folder.display());
    match std::fs::metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => return Err(Broken::unreadable(what, "it is a file, not a folder")),
        Ok(_) => {}
        Err(error) => return Err(broken(what, folder, &Why::from(&error))),
    }
    let marks = ["dss-version.json", "install.ini", "bin/env-default.sh", "config/general-settings.json"];
    if marks.iter().any(|mark| std::fs::symlink_metadata(folder.join(mark)).is_ok()) {
        return Ok(());
    }
    // A folder that may not be searched shows none of them.
    if let Err(error) = std::fs::read_dir(folder) {
        return Err(broken(what, folder, &Why::from(&error)));
    }
    Err(Broken::unreadable(what, format!("it is not a DSS data directory: it has none of {}", marks.join(", "))))
}
