//! Names as pods resolve them. Several checks ask a node for the same one; a name that was found is not asked for again,
//! and one that was not is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::OnceCell;

use super::LivePod;
use ackcheck_core::seat::{NameAnswer, Seen};
use ackcheck_core::sync::locked;
use ackcheck_probe_protocol::{RESOLVES_WITHIN, Resolve, Resolved};

type Once = Arc<OnceCell<Vec<IpAddr>>>;

/// The addresses that were found in one run, by node and name.
#[derive(Default)]
pub(super) struct Names(Mutex<HashMap<(String, String), Once>>);

impl Names {
    fn of(&self, node: &str, name: &str) -> Once {
        locked(&self.0).entry((node.to_owned(), name.to_owned())).or_default().clone()
    }
}

impl LivePod {
    /// The answer to a name in this pod.
    pub(super) async fn resolved(&self, name: &str) -> Seen<NameAnswer> {
        let known = self.run.names.of(&self.node, name);
        let mut asked = false;
        let found = known.get_or_try_init(|| async {
            asked = true;
            match self.resolve_now(name).await {
                Ok(NameAnswer::Addresses(addresses)) => Ok(addresses),
                other => Err(other),
            }
        });
        let addresses = match found.await {
            Ok(addresses) => addresses.clone(),
            Err(other) => return other,
        };
        if !asked {
            let found = Resolved::Addresses { addresses: addresses.clone() };
            self.note(&format!("resolve {name}"), format!("{found}, once in this run"), Duration::ZERO);
        }
        Ok(NameAnswer::Addresses(addresses))
    }

    async fn resolve_now(&self, name: &str) -> Seen<NameAnswer> {
        let question = Resolve { name: name.to_owned() };
        Ok(match self.ask(&format!("resolve {name}"), question, RESOLVES_WITHIN).await? {
            // Never an empty list: "all of them are the host's own" would be true of it.
            Resolved::Addresses { addresses } if addresses.is_empty() => {
                NameAnswer::NoSuchName { said: "no address".to_owned() }
            }
            Resolved::Addresses { addresses } => NameAnswer::Addresses(addresses),
            Resolved::NoSuchName { said } => NameAnswer::NoSuchName { said },
            Resolved::NoServer { said } => NameAnswer::NoServer { said },
        })
    }
}
