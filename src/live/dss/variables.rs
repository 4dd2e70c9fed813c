//! Which variables the processes of DSS have: as the running ones show, or else as the scripts that start them say. No
//! value is kept.

use std::path::Path;

use super::directory::Directory;
use ackcheck_core::seat::Seen;
use ackcheck_core::text_file::{self, Why};
use ackcheck_core::verdict::Unseen;

/// The scripts that DSS sources when it starts, in this order.
const SCRIPTS: [&str; 4] = ["bin/env-default.sh", "bin/env-hadoop.sh", "bin/env-spark.sh", "bin/env-site.sh"];
/// The largest script and environment read, in bytes.
const LARGEST: u64 = 4 << 20;
/// The most processes looked at.
const MOST_PROCESSES: usize = 100_000;

/// Those of the variables that DSS certainly does not have.
///
/// # Errors
/// Where DSS is not running and its scripts name every variable: what they do with them is not known.
pub(super) fn missing(directory: &Directory, names: &'static [&'static str]) -> Seen<Vec<&'static str>> {
    if let Some(environment) = of_a_process(Path::new("/proc"), &directory.data) {
        return Ok(names.iter().copied().filter(|name| !sets(&environment, name)).collect());
    }
    let mut missing = names.to_vec();
    for script in SCRIPTS {
        let path = directory.file(script);
        let text = match text_file::bytes(&path, LARGEST) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(unread) if unread.why == Why::Missing => continue,
            Err(unread) => return Err(Unseen::unreadable(path.display().to_string(), unread.why.to_string())),
        };
        missing.retain(|name| !text.contains(name));
    }
    match missing.is_empty() {
        false => Ok(missing),
        true => Err(Unseen::unreadable(
            format!("the environment of DSS in {}", directory.data.display()),
            format!("DSS is not running, and its scripts name {}", names.join(" and ")),
        )),
    }
}

/// The environment of a running process of this data directory.
fn of_a_process(processes: &Path, data: &Path) -> Option<Vec<u8>> {
    let home = data.canonicalize().ok()?;
    let home = format!("DIP_HOME={}", home.display()).into_bytes();
    let entries = std::fs::read_dir(processes).ok()?.take(MOST_PROCESSES).filter_map(Result::ok);
    let numbered =
        entries.filter(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()));
    numbered
        .filter_map(|entry| text_file::bytes(&entry.path().join("environ"), LARGEST).ok())
        .find(|environment| environment.split(|byte| *byte == 0).any(|variable| variable == home))
}

/// True where the environment has a value for a variable that is not blank.
fn sets(environment: &[u8], name: &str) -> bool {
    let value = |variable: &[u8]| -> Option<bool> {
        let value = variable.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(value.iter().any(|byte| *byte > b' '))
    };
    environment.split(|byte| *byte == 0).find_map(value).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_variable_is_as_good_as_none() {
        let environment = b"OTHER=1\0OSS_ACCESS_KEY_ID=LTAI\0OSS_ACCESS_KEY_SECRET= \0";
        assert!(sets(environment, "OSS_ACCESS_KEY_ID"));
        assert!(!sets(environment, "OSS_ACCESS_KEY_SECRET") && !sets(environment, "OSS_SESSION_TOKEN"));
    }

    #[test]
    fn the_process_of_this_data_directory_tells() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir_all(folder.path().join("17")).unwrap();
        std::fs::create_dir(&data).unwrap();
        assert_eq!(of_a_process(folder.path(), &data), None);
        let environment = format!("A=1\0DIP_HOME={}\0", data.canonicalize().unwrap().display());
        std::fs::write(folder.path().join("17/environ"), &environment).unwrap();
        assert_eq!(of_a_process(folder.path(), &data), Some(environment.into_bytes()));
    }
}
