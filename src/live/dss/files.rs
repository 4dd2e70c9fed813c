//! Files of a DSS host, read within bounds: a settings file is never waited for, never a device, never gigabytes.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use serde_json::Value;

use ackcheck_core::right::Right;
use ackcheck_core::seat::Seen;
use ackcheck_core::verdict::{Broken, Unseen};

/// The largest settings file read, in bytes.
pub(super) const LARGEST_FILE: u64 = 16 << 20;

/// The file's bytes; none where there is no such file.
///
/// # Errors
/// Where it is there but is no file that can be read whole: a folder, a device, a loop of links, too large, forbidden.
pub(super) fn bytes(path: &Path) -> Seen<Option<Vec<u8>>> {
    let what = path.display().to_string();
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::PermissionDenied => Unseen::denied([Right::read(path)], error.to_string()),
        _ => Unseen::unreadable(what.clone(), plainly(&error)),
    };
    // Asked before it is opened: opening a named pipe waits for its other end.
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match std::fs::symlink_metadata(path) {
                Ok(_) => Err(Unseen::unreadable(what, "a symbolic link to something that is not there")),
                Err(_) => Ok(None),
            };
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if metadata.is_dir() {
        return Err(Unseen::unreadable(what, "a folder, where a file should be"));
    }
    if !metadata.is_file() {
        return Err(Unseen::unreadable(what, "neither a file nor a folder"));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= LARGEST_FILE {
        // One byte more than may be: a file that grows while it is read is noticed too.
        File::open(path).and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)).map_err(failed)?;
    }
    let size = metadata.len().max(bytes.len() as u64);
    if size > LARGEST_FILE {
        let why = format!("{size} bytes, more than any settings file has ({LARGEST_FILE} are read at most)");
        return Err(Unseen::unreadable(what, why));
    }
    Ok(Some(bytes))
}

/// The file's text; none where there is no such file.
///
/// # Errors
/// As [`bytes`], and where it is not UTF-8.
pub(super) fn text(path: &Path) -> Seen<Option<String>> {
    let Some(bytes) = bytes(path)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|error| {
        let why = format!("not UTF-8 from byte {} on", error.utf8_error().valid_up_to());
        Unseen::unreadable(path.display().to_string(), why)
    })?;
    Ok(Some(text))
}

/// The file's JSON; none where there is no such file.
///
/// # Errors
/// As [`text`], and where it is not JSON: with the line and column.
pub(super) fn json(path: &Path) -> Seen<Option<Value>> {
    let Some(text) = text(path)? else { return Ok(None) };
    match serde_json::from_str(&text) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(Unseen::unreadable(path.display().to_string(), not_json(&error))),
    }
}

/// Why a text is not JSON, with its line and column.
pub(super) fn not_json(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let why = said.rsplit_once(" at line ").map_or(said.as_str(), |(why, _)| why);
    format!("not whole JSON at line {}, column {}: {why}", error.line(), error.column())
}

/// The error in words a person knows.
pub(super) fn plainly(error: &std::io::Error) -> String {
    match error.raw_os_error().map(nix::errno::Errno::from_raw) {
        Some(nix::errno::Errno::ELOOP) => "a loop of symbolic links".to_owned(),
        Some(nix::errno::Errno::EISDIR) => "a folder, where a file should be".to_owned(),
        _ => error.to_string(),
    }
}

/// Says why a folder is no DSS data directory; nothing where it is one.
///
/// # Errors
/// Where it cannot be looked at.
pub(crate) fn is_data_dir(folder: &Path) -> Result<(), Broken> {
    let what = format!("the data directory {}", folder.display());
    match std::fs::metadata(folder) {
        Ok(metadata) if !metadata.is_dir() => return Err(Broken::unreadable(what, "a file, where a folder should be")),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(Broken::denied([Right::read(folder)], error.to_string()));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Broken::unreadable(what, "it is not there")),
        Err(error) => return Err(Broken::unreadable(what, plainly(&error))),
    }
    let marks = ["dss-version.json", "install.ini", "bin/env-default.sh", "config/general-settings.json"];
    if marks.iter().any(|mark| std::fs::symlink_metadata(folder.join(mark)).is_ok()) {
        return Ok(());
    }
    // A folder that may not be searched shows none of them.
    if let Err(error) = std::fs::read_dir(folder) {
        return Err(Broken::denied([Right::read(folder)], error.to_string()));
    }
    Err(Broken::unreadable(what, format!("no DSS data directory: it has none of {}", marks.join(", "))))
}
