//! A name, asked as every program in the pod asks: `getaddrinfo`, so `/etc/hosts`, the search list and `ndots` count.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::mpsc;

use dns_lookup::{AddrFamily, AddrInfoHints, LookupErrorKind, SockType, getaddrinfo};

use ackcheck_probe_protocol::{CannotLook, RESOLVES_WITHIN, Resolved};

/// Resolves a name within [`RESOLVES_WITHIN`]. Every address family counts; addresses come sorted, each once.
///
/// # Errors
/// If the name is not one, or this machine lacks what it takes to resolve it.
pub fn resolve(name: &str) -> Result<Resolved, CannotLook> {
    let (tell, told) = mpsc::channel();
    let asked = name.to_owned();
    // getaddrinfo cannot be interrupted: it is left behind on its thread, and the process ends soon.
    let started = std::thread::Builder::new().spawn(move || {
        let _ = tell.send(look_up(&asked));
    });
    if let Err(error) = started {
        return Err(CannotLook::because(format!("no thread to resolve on: {error}")));
    }
    told.recv_timeout(RESOLVES_WITHIN).unwrap_or_else(|_| {
        Ok(Resolved::NoServer { said: format!("no answer within {} s", RESOLVES_WITHIN.as_secs()) })
    })
}

/// The same without a limit, on this thread.
///
/// # Errors
/// As of [`resolve`].
pub fn look_up(name: &str) -> Result<Resolved, CannotLook> {
    let any = ask(name, AddrInfoHints::default().address)?;
    // To musl a name does not exist, or no server answers, as soon as that is said of its IPv6 address alone, as name
    // servers with a wildcard for IPv4 say. To glibc, and so to DSS, what is known of either counts.
    if cfg!(target_env = "musl") && !matches!(any, Resolved::Addresses { .. }) {
        let fourth = ask(name, AddrFamily::Inet.into())?;
        if matches!(fourth, Resolved::Addresses { .. }) {
            return Ok(fourth);
        }
    }
    Ok(any)
}

fn ask(name: &str, family: i32) -> Result<Resolved, CannotLook> {
    if name.is_empty() || name.contains('\0') {
        return Err(CannotLook::because(format!("{name:?} is not a host name")));
    }
    let hints = AddrInfoHints { address: family, socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    match getaddrinfo(Some(name), None, Some(hints)) {
        Ok(found) => {
            let addresses: BTreeSet<IpAddr> = found.filter_map(|entry| Some(entry.ok()?.sockaddr.ip())).collect();
            if addresses.is_empty() {
                return Ok(Resolved::NoSuchName { said: "the name has no address".to_owned() });
            }
            Ok(Resolved::Addresses { addresses: addresses.into_iter().collect() })
        }
        Err(error) => {
            let kind = error.kind();
            let said = std::io::Error::from(error).to_string();
            match kind {
                LookupErrorKind::NoName | LookupErrorKind::NoData => Ok(Resolved::NoSuchName { said }),
                LookupErrorKind::Again | LookupErrorKind::Fail | LookupErrorKind::System => {
                    Ok(Resolved::NoServer { said })
                }
                _ => Err(CannotLook::because(said)),
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
            Ok(Resolved::Addresses { addresses: vec!["127.0.0.9".parse().expect("an address")] })
        );
        assert!(matches!(resolve("localhost"), Ok(Resolved::Addresses { .. })));
        // A label past 63 bytes is refused before any server is asked.
        let answer = resolve(&format!("{}.invalid", "a".repeat(70)));
        assert!(matches!(answer, Ok(Resolved::NoSuchName { .. })), "{answer:?}");
        assert!(resolve("").is_err());
    }
}
