//! A name, asked as every program in the pod asks: `getaddrinfo`, so `/etc/hosts`, the search list and `ndots` count.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::mpsc;
use std::time::Duration;

use dns_lookup::{AddrFamily, AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};

use crate::Answer;

/// One silent name server costs the resolver 2 × 5 s; what is slower than this serves nobody.
const LIMIT: Duration = Duration::from_secs(12);

/// Resolves a name. Every address family counts; addresses come sorted, each once.
pub fn resolve(name: &str) -> Answer {
    let (tell, told) = mpsc::channel();
    let asked = name.to_owned();
    // getaddrinfo cannot be interrupted: it is left behind on its thread, and the process ends soon.
    let started = std::thread::Builder::new().spawn(move || {
        let _ = tell.send(look_up(&asked));
    });
    if let Err(error) = started {
        return Answer::Broken { why: format!("no thread to resolve on: {error}") };
    }
    told.recv_timeout(LIMIT)
        .unwrap_or_else(|_| Answer::NoServer { said: format!("no answer within {} s", LIMIT.as_secs()) })
}

/// The same without a limit, on this thread.
pub fn look_up(name: &str) -> Answer {
    let any = ask(name, AddrInfoHints::default().address);
    // To musl a name does not exist, or no server answers, as soon as that is said of its IPv6 address alone, as name
    // servers with a wildcard for IPv4 say. To glibc, and so to DSS, what is known of either counts.
    if cfg!(target_env = "musl") && matches!(any, Answer::NoSuchName { .. } | Answer::NoServer { .. }) {
        let fourth = ask(name, AddrFamily::Inet.into());
        if matches!(fourth, Answer::Addresses { .. }) {
            return fourth;
        }
    }
    any
}

fn ask(name: &str, family: i32) -> Answer {
    if name.is_empty() || name.contains('\0') {
        return Answer::Broken { why: format!("{name:?} is no host name") };
    }
    let hints = AddrInfoHints { address: family, socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    match getaddrinfo(Some(name), None, Some(hints)) {
        Ok(found) => {
            let addresses: BTreeSet<IpAddr> = found.filter_map(|entry| Some(entry.ok()?.sockaddr.ip())).collect();
            if addresses.is_empty() {
                return Answer::NoSuchName { said: "the name has no address".to_owned() };
            }
            Answer::Addresses { addresses: addresses.into_iter().collect() }
        }
        Err(error) => {
            let kind = error.kind();
            let said = std::io::Error::from(error).to_string();
            match kind {
                LookupErrorKind::NoName | LookupErrorKind::NoData => Answer::NoSuchName { said },
                LookupErrorKind::Again | LookupErrorKind::Fail | LookupErrorKind::System => Answer::NoServer { said },
                _ => Answer::Broken { why: said },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_addresses_from_names_that_do_not_exist() {
        assert_eq!(
            resolve("127.0.0.9"),
            Answer::Addresses { addresses: vec!["127.0.0.9".parse().expect("an address")] }
        );
        assert!(matches!(resolve("localhost"), Answer::Addresses { .. }));
        // A label past 63 bytes is refused before any server is asked.
        let answer = resolve(&format!("{}.invalid", "a".repeat(70)));
        assert!(matches!(answer, Answer::NoSuchName { .. }), "{answer:?}");
        assert!(matches!(resolve(""), Answer::Broken { .. }));
    }
}
