//! What the site file and DSS's own settings both state is the same: the other checks ask about what DSS uses.
//!
//! A value with variables, or one that DSS replaces by that of a managed cluster, is not compared; nor is what only one of
//! the two states.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::verdict::{Code, Judgement};

mod comparison;
mod connections;
mod directories;
mod kubeconfigs;
mod name;
mod repositories;
mod trials;

use comparison::Comparison;
pub(super) use kubeconfigs::{is_absolute, title};
pub(super) use trials::OTHER_CLUSTER;

static NAME_DIFFERS: Code =
    Code::fail("name-differs", "DSS gives containers another name for its host than the site file has");
static REPOSITORY_DIFFERS: Code =
    Code::fail("repository-differs", "DSS uses another repository or pull secret than the site file has");
static REPOSITORY_NOT_ASKED: Code =
    Code::warn("repository-not-asked", "DSS pushes to a further repository, which the site file does not have");
static NAMESPACE_DIFFERS: Code =
    Code::fail("namespace-differs", "DSS starts pods in a namespace that the site file does not have");
static KUBECONFIG_DIFFERS: Code =
    Code::fail("kubeconfig-differs", "DSS's kubeconfig leads to another cluster than that of the site file");
static CONNECTION_DIFFERS: Code =
    Code::fail("connection-differs", "DSS uses another access key or endpoint for a bucket than the site file has");
static DIRECTORY_DIFFERS: Code =
    Code::fail("directory-differs", "DSS runs from another directory than the site file has");
static NO_CONNECTION: Code =
    Code::warn("no-connection", "the site file has [storage], and DSS does not have a Hadoop connection to OSS");
static BUCKET_NOT_ASKED: Code =
    Code::warn("bucket-not-asked", "DSS has a connection to OSS that the site file leaves out");

pub(crate) static CHECK: Check = Check {
    id: "settings-agree",
    title: "The site file says the same as DSS's own settings",
    stage: Stage::Acceptance,
    needs: &[&super::ext_host::CHECK],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[
        &NAME_DIFFERS,
        &REPOSITORY_DIFFERS,
        &REPOSITORY_NOT_ASKED,
        &NAMESPACE_DIFFERS,
        &KUBECONFIG_DIFFERS,
        &CONNECTION_DIFFERS,
        &DIRECTORY_DIFFERS,
        &NO_CONNECTION,
        &BUCKET_NOT_ASKED,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(context: &Context, dss: &dyn Dss) -> Judgement {
    let mut comparison = Comparison::default();
    match dss.configurations().await {
        Ok(configurations) => {
            let config = context.config();
            kubeconfigs::compare(&mut comparison, config, dss, &configurations).await;
            repositories::compare(&mut comparison, config, &configurations);
        }
        Err(unseen) => comparison.unseen(unseen),
    }
    name::compare(&mut comparison, context, dss).await;
    directories::compare(&mut comparison, dss).await;
    connections::compare(&mut comparison, context.config(), dss).await;
    comparison.judgement()
}

/// True for a text that DSS fills in when it uses it.
pub(super) fn has_variables(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}
