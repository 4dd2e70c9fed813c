//! The cloud seat on a real deployment: the ECS metadata and Alibaba's OpenAPI.

mod acls;
mod answers;
mod call;
mod groups;
pub(super) mod metadata;
mod network;
mod openapi;
mod refused;
mod routes;
mod sign;
mod vswitches;

use std::sync::Arc;

use async_trait::async_trait;

use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::cloud::{
    Cloud, ClusterNetwork, HostInstance, Instance, Joined, RouteTable, SecurityGroup, VSwitchAcl,
};
use ackcheck_core::verdict::Unseen;

pub use openapi::Account;

/// The cloud seat of one case.
struct LiveCloud {
    account: Arc<Account>,
    journal: Journal,
}

/// Opens the seat; the account and what it answered are shared by all cases of a run.
pub fn open(account: &Arc<Account>, journal: Journal) -> Seen<Box<dyn Cloud>> {
    if account.wire().config().cloud.is_none() {
        return Err(Unseen::not_described("the site file has no [cloud] section"));
    }
    Ok(Box::new(LiveCloud { account: account.clone(), journal }))
}

#[async_trait]
impl Cloud for LiveCloud {
    async fn host_instance(&self) -> Seen<HostInstance> {
        network::host_instance(&self.account, &self.journal).await
    }

    async fn cluster_network(&self) -> Seen<ClusterNetwork> {
        network::cluster_network(&self.account, &self.journal).await
    }

    async fn security_groups(&self, ids: &[String]) -> Seen<Vec<SecurityGroup>> {
        let region = network::region(&self.account, &self.journal).await?;
        groups::security_groups(&self.account, &self.journal, &region, ids).await
    }

    async fn joined(&self, from: &Instance, to: &ClusterNetwork) -> Seen<Joined> {
        network::joined(&self.account, &self.journal, from, to).await
    }

    async fn network_acls(&self, vpc: &str, vswitches: &[String]) -> Seen<Vec<VSwitchAcl>> {
        let region = network::region(&self.account, &self.journal).await?;
        acls::network_acls(&self.account, &self.journal, &region, vpc, vswitches).await
    }

    async fn route_table(&self, vpc: &str, vswitch: &str) -> Seen<RouteTable> {
        let region = network::region(&self.account, &self.journal).await?;
        routes::route_table(&self.account, &self.journal, &region, vpc, vswitch).await
    }
}
