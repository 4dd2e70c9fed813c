//! Whether a process has a file open: Java keeps the jars open that it has looked into.

use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen};

use crate::host::instance;

/// What a process has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    /// The file that is there now.
    This,
    /// One that had its name, and was removed or replaced since.
    Old,
    /// Neither, or this account is not shown what the process has open.
    NotSeen,
}

/// What a process has open of a file.
pub(super) async fn of(host: &dyn Host, process: u32, path: &str) -> Seen<Open> {
    let path = instance::real_path(host, path).await?;
    let folder = format!("/proc/{process}/fd");
    let pattern = format!("{}*", literal(&path));
    let output = host.run("find", &[&folder, "-lname", &pattern, "-printf", "%l\\n"]).await?;
    Ok(match output.ended {
        Ended::Exit(0) => told(&output.stdout, &path),
        _ => Open::NotSeen,
    })
}

fn told(printed: &str, path: &str) -> Open {
    let old = format!("{path} (deleted)");
    if printed.lines().any(|line| line == path) {
        Open::This
    } else if printed.lines().any(|line| line == old) {
        Open::Old
    } else {
        Open::NotSeen
    }
}

/// A path as a pattern of `find` that fits nothing else.
fn literal(path: &str) -> String {
    let mut pattern = String::new();
    for letter in path.chars() {
        if matches!(letter, '*' | '?' | '[' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_is_there_is_told_from_one_that_was() {
        let path = "/opt/dss/libs/a.jar";
        assert_eq!(told("/opt/dss/libs/a.jar (deleted)\n/opt/dss/libs/a.jar\n", path), Open::This);
        assert_eq!(told("/opt/dss/libs/a.jar (deleted)\n", path), Open::Old);
        assert_eq!(told("/opt/dss/libs/a.jar.old\n", path), Open::NotSeen);
        assert_eq!(literal("/a[1]*\\b"), "/a\\[1]\\*\\\\b");
    }
}
