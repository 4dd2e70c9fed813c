//! Accounts of the host, and who owns the data directory.

use ackcheck_core::context::Context;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

use super::instance;

/// An account, as far as the host knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub uid: u32,
    /// None where the host has no entry for the number.
    pub entry: Option<Entry>,
}

/// What the password database has of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub name: String,
    pub home: String,
}

impl Account {
    /// For people and for commands: the name, or `#1001` where it has none, as `sudo -u` takes it.
    pub(crate) fn name_or_number(&self) -> String {
        self.entry.as_ref().map_or_else(|| format!("#{}", self.uid), |entry| entry.name.clone())
    }
}

/// The account that owns the data directory.
pub(super) async fn of(context: &Context, host: &dyn Host) -> Seen<Account> {
    let data = instance::data_dir(context, host).await?;
    let output = host.run("stat", &["--format=%u", "--", &data]).await?;
    let uid = match output.ended {
        Ended::Exit(0) => output.stdout.trim().parse().ok(),
        _ => None,
    };
    let Some(uid) = uid else {
        let said = format!("{}{}", output.stdout.trim(), output.stderr.trim());
        return Err(Unseen::unreadable(format!("the owner of {data}"), format!("`stat` says {said:?}")));
    };
    account(host, uid).await
}

/// An account by its number, as the C library finds it.
pub(crate) async fn account(host: &dyn Host, uid: u32) -> Seen<Account> {
    let output = host.run("getent", &["passwd", &uid.to_string()]).await?;
    match output.ended {
        Ended::Exit(0) => {
            let entry = parse(&output.stdout);
            let entry = entry.ok_or_else(|| Unseen::unreadable("`getent passwd`", "it prints no entry"))?;
            Ok(Account { uid, entry: Some(entry) })
        }
        Ended::Exit(2) => Ok(Account { uid, entry: None }),
        Ended::Exit(code) => Err(Unseen::unreadable("`getent passwd`", format!("it ended with {code}"))),
        Ended::Killed { why } | Ended::Late { why } => Err(Unseen::unreadable("`getent passwd`", why)),
        Ended::NotFound => Err(Unseen::unreadable("getent", "there is no such command on the host")),
    }
}

fn parse(printed: &str) -> Option<Entry> {
    let fields: Vec<&str> = printed.lines().next()?.split(':').collect();
    let [name, _, _, _, _, home, _] = fields[..] else { return None };
    Some(Entry { name: name.to_owned(), home: home.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_a_name_and_a_home() {
        let entry = parse("dssuser:x:1001:1001:DSS:/home/dssuser:/bin/bash\n").unwrap();
        assert_eq!((entry.name.as_str(), entry.home.as_str()), ("dssuser", "/home/dssuser"));
        assert_eq!((parse(""), parse("dssuser:x:1001")), (None, None));
        let unknown = Account { uid: 7, entry: None };
        assert_eq!(unknown.name_or_number(), "#7");
    }
}
