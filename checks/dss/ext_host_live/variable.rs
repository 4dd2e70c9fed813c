//! One variable of the environment that a process was started with. The others may be secrets: `sed` leaves them out, so
//! that they come neither here nor into the evidence.

use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// The value; none where the process was started without the variable.
pub(super) async fn of(host: &dyn Host, process: u32, name: &str) -> Seen<Option<String>> {
    let file = format!("/proc/{process}/environ");
    // The number of variables tells an environment without this one from one that could not be seen.
    let only = format!("/^{name}=/p");
    let output = host.run("sed", &["-z", "-n", "-e", &only, "-e", "$=", "--", &file]).await?;
    match output.ended {
        Ended::Exit(0) => parse(&output.stdout, name)
            .ok_or_else(|| Unseen::unreadable(file, "it is empty, or not as Linux writes it")),
        Ended::Exit(code) => match output.stderr.trim() {
            "" => Err(Unseen::unreadable(file, format!("`sed` ended with {code}"))),
            said => Err(Unseen::unreadable(file, said)),
        },
        Ended::Killed { why } | Ended::Late { why } => Err(Unseen::unreadable(file, why)),
        Ended::NotFound => Err(Unseen::unreadable("sed", "there is no such command on the host")),
    }
}

/// What `sed` printed: the variable, where it is there, and how many there are. A C library reads the first of two.
fn parse(printed: &str, name: &str) -> Option<Option<String>> {
    let printed = printed.trim_end_matches(['\0', '\n']);
    let (found, count) = printed.rsplit_once('\0').unwrap_or(("", printed));
    count.parse::<u32>().ok()?;
    Some(found.split('\0').find_map(|entry| entry.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_told_from_none_and_from_nothing_seen() {
        let value = |text: &str| Some(Some(text.to_owned()));
        assert_eq!(parse("HOST=a.b\x0042\0", "HOST"), value("a.b"));
        assert_eq!(parse("HOST=a\nb\x0042\n", "HOST"), value("a\nb"));
        assert_eq!(parse("HOST=\x0042\0", "HOST"), value(""));
        assert_eq!(parse("HOST=a\0HOST=b\x0042\0", "HOST"), value("a"));
        assert_eq!(parse("42\0", "HOST"), Some(None));
        assert_eq!(parse("", "HOST"), None);
    }
}
