//! The pull secrets of the pods, as the kubelet will read them.

use super::fleet::Fleet;
use crate::cluster::{few, pull_secret};
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::keyring::PullSecret;
use ackcheck_core::seat::pod::GET_SECRETS;

/// What each of these is. One that may not be read is told as such.
pub(super) async fn read(fleet: &Fleet, names: &[String], journal: &Journal) -> Seen<Vec<PullSecret>> {
    let mut read = Vec::new();
    for name in few(names, "the pull secrets of the pods")? {
        let state = pull_secret(&fleet.kubernetes, &fleet.namespace(), name, journal, Vantage::Node).await;
        let rights = [fleet.kubernetes.of_probes(GET_SECRETS)];
        let state = state.map_err(|silence| silence.unseen("the pull secrets", rights))?;
        read.push(PullSecret { name: name.clone(), state });
    }
    Ok(read)
}
