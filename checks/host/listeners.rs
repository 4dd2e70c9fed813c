//! Who listens on TCP ports of the host, as `ss` shows it to this account: the number of the account always, the process
//! only to that account and to root.

use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Ports, Seen};
use ackcheck_core::verdict::Unseen;

/// A listening socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listener {
    pub port: u16,
    pub uid: u32,
    /// Name and number of each process that has the socket open; none where they are not shown.
    pub processes: Vec<(String, u32)>,
}

impl Listener {
    pub(crate) fn in_words(&self) -> String {
        match self.processes.first() {
            Some((name, number)) => format!("{name} (process {number})"),
            None => "a process".to_owned(),
        }
    }
}

/// Those on these ports, whatever the address, each port and account once.
pub(crate) async fn on(host: &dyn Host, ports: Ports) -> Seen<Vec<Listener>> {
    let output = host.run("ss", &["-ltnpe"]).await?;
    let unreadable = |why: &str| Err(Unseen::unreadable("`ss -ltnpe`", why));
    let printed = match output.ended {
        Ended::Exit(0) => output.stdout,
        Ended::Exit(_) => return unreadable(output.stderr.trim()),
        Ended::Killed { why } | Ended::Late { why } => return unreadable(&why),
        Ended::NotFound => return Err(Unseen::unreadable("ss", "there is no such command on the host")),
    };
    let Some(all) = parse(&printed) else { return unreadable("a line of it is not as ss prints it") };
    let mut on: Vec<Listener> = all.into_iter().filter(|listener| ports.contains(listener.port)).collect();
    on.sort_by_key(|listener| (listener.port, listener.uid));
    on.dedup_by_key(|listener| (listener.port, listener.uid));
    Ok(on)
}

/// None where a socket is not understood: it may be the one.
fn parse(printed: &str) -> Option<Vec<Listener>> {
    printed.lines().filter(|line| line.starts_with("LISTEN")).map(listener).collect()
}

/// `LISTEN 0 511 0.0.0.0:11200 0.0.0.0:* users:(("nginx",pid=4102,fd=6)) uid:1001 ino:1 sk:1 <->`; root's has no `uid:`.
fn listener(line: &str) -> Option<Listener> {
    let mut words = line.split_whitespace().skip(3);
    let port = words.next()?.rsplit(':').next()?.parse().ok()?;
    let processes = match line.split_once("users:((\"") {
        Some((_, users)) => users.split("),(\"").map(process).collect::<Option<_>>()?,
        None => Vec::new(),
    };
    let uid = words.find_map(|word| word.strip_prefix("uid:")).map_or(Some(0), |uid| uid.parse().ok())?;
    Some(Listener { port, uid, processes })
}

/// `nginx",pid=4102,fd=6`, and what follows.
fn process(user: &str) -> Option<(String, u32)> {
    let (name, rest) = user.split_once("\",pid=")?;
    let number = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((name.to_owned(), number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_read_as_ss_prints_them() {
        let printed = "State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n\
             LISTEN 0      511    0.0.0.0:11200   0.0.0.0:*   users:((\"nginx\",pid=4103,fd=6),(\"nginx\",pid=4102,fd=6)) uid:1001 ino:1 sk:1 <->\n\
             LISTEN 0      100    [::ffff:127.0.0.1]:11201  *:*  uid:1002 ino:2 sk:2 v6only:0 <->\n\
             LISTEN 0      128    *:22  *:*   ino:3 sk:3 <->\n\
             LISTEN 0      4096   127.0.0.53%lo:53  0.0.0.0:*  uid:101 ino:4 sk:4 <->\n";
        let all = parse(printed).unwrap();
        let told: Vec<(u16, u32, String)> =
            all.iter().map(|listener| (listener.port, listener.uid, listener.in_words())).collect();
        let a = || "a process".to_owned();
        let expected =
            [(11200, 1001, "nginx (process 4103)".to_owned()), (11201, 1002, a()), (22, 0, a()), (53, 101, a())];
        assert_eq!(told, expected);
        assert_eq!(all[0].processes, [("nginx".to_owned(), 4103), ("nginx".to_owned(), 4102)]);
        assert_eq!(parse("LISTEN 0 5 nonsense"), None);
    }
}
