//! DSS knows which cluster to start pods in (HOWTO 4): one that it manages, or the kubeconfig and the context that its
//! configurations name. Whether that is the site file's cluster is for settings-agree to say.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::containers::{Configuration, Configurations, KubeconfigState};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;

use super::settings_agree::{has_variables, is_absolute, title};

static NONE_SELECTED: Code =
    Code::fail("none-selected", "DSS has no default cluster, and is not to use the one of its kubectl");
static KUBECONFIG_MISSING: Code =
    Code::fail("kubeconfig-missing", "the kubeconfig that DSS is set to use does not exist or cannot be used");
static CONTEXT_MISSING: Code =
    Code::fail("context-missing", "the kubeconfig that DSS is set to use does not have the context");

pub(crate) static CHECK: Check = Check {
    id: "cluster-chosen",
    title: "DSS knows which cluster to start pods in",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&NONE_SELECTED, &KUBECONFIG_MISSING, &CONTEXT_MISSING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|_: &Context, dss| Box::pin(judge(dss))),
};

async fn judge(dss: &dyn Dss) -> Judgement {
    let found = dss.configurations().await?;
    let managed: Vec<&Configuration> = found.list.iter().filter(|one| one.managed).collect();
    let Some(first) = managed.first() else {
        return Ok(Verdict::NotApplicable("DSS does not have a configuration that starts pods".into()));
    };
    // What configurations name counts for nothing then: a cluster that DSS manages brings its own kubeconfig.
    if found.default_cluster.is_some() {
        return Ok(Verdict::Pass);
    }
    let mut findings = Vec::from_iter(none_selected(&found, first));
    let mut unseen = None;
    let mut seen: Vec<(&str, Option<&str>)> = Vec::new();
    for one in managed {
        // Without a path it is what kubectl finds by itself.
        let Some(path) = one.kubeconfig.as_deref() else { continue };
        let named = (path, one.context.as_deref());
        if seen.contains(&named) || [Some(path), named.1].into_iter().flatten().any(has_variables) {
            continue;
        }
        seen.push(named);
        match of_kubeconfig(dss, path, one).await {
            Ok(finding) => findings.extend(finding),
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    match (Finding::gravest(findings), unseen) {
        (Some(finding), _) => Ok(finding.into()),
        (None, Some(unseen)) => Err(unseen),
        (None, None) => Ok(Verdict::Pass),
    }
}

/// DSS of old has no such setting, and takes the cluster of its kubectl.
fn none_selected(found: &Configurations, first: &Configuration) -> Option<Finding> {
    let seen = format!("{} starts pods, and no cluster is the default in {}", title(first), found.origin);
    (found.takes_clusters_of_kubectl == Some(false)).then(|| NONE_SELECTED.found(seen))
}

async fn of_kubeconfig(dss: &dyn Dss, path: &str, one: &Configuration) -> Result<Option<Finding>, Unseen> {
    let of = title(one);
    if !is_absolute(path) {
        let why = "it is relative, and from which folder DSS takes it is not known: write the whole path";
        return Err(Unseen::unreadable(format!("the kubeconfig {path} of DSS's {of}"), why));
    }
    let state = dss.kubeconfig(path, one.context.as_deref()).await?;
    let code = match &state {
        KubeconfigState::Leads { .. } => return Ok(None),
        KubeconfigState::NoContext { .. } => &CONTEXT_MISSING,
        KubeconfigState::Missing | KubeconfigState::Unusable { .. } => &KUBECONFIG_MISSING,
    };
    let finding = code.found(format!("DSS's {of} uses the kubeconfig {path}: {state}"));
    let context = one.context.as_deref().unwrap_or("the current one");
    Ok(Some(finding.with("of", of).with("dss_kubeconfig", path).with("dss_context", context)))
}
