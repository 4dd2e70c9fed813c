//! Hadoop's own connector can work with every setting of the connection: it opens, and what the settings name is there.

use std::fmt::Display;
use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::hadoop_configuration::{Configuration, Fault, Problem, Told};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::seat::dss::read::{ACL, REGION, SIGNATURE_VERSION, is_version_4};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod classes;
mod names;
mod proxy;
mod trials;

static CLASS_MISSING: Code =
    Code::fail("class-missing", "the connection's own fs.oss.impl names a class that DSS does not have");
static PROVIDER_NOT_USABLE: Code =
    Code::fail("provider-not-usable", "Hadoop cannot use the class that fs.oss.credentials.provider names");
static PROVIDER_INPUT_MISSING: Code =
    Code::fail("provider-input-missing", "the connection's credentials provider finds no AccessKey");
static CREDENTIAL_STORE_EMPTY: Code = Code::fail(
    "credential-store-empty",
    "hadoop.security.credential.provider.path is set to nothing, which Hadoop cannot open",
);
static NOT_A_NUMBER: Code =
    Code::fail("not-a-number", "a setting that must be a number is not one that Hadoop accepts");
static ACL_VALUE: Code = Code::fail("acl-value", "fs.oss.acl.default is not an ACL that Hadoop knows");
static SETS_ACL: Code =
    Code::warn("sets-acl", "Hadoop sets the bucket's ACL each time it opens the connection, which takes a right more");
static PROXY_INCOMPLETE: Code = Code::fail("proxy-incomplete", "the connection's proxy settings are not complete");
static PROXY_DEAD: Code = Code::fail("proxy-dead", "the connection's proxy does not answer");
static REGION_MISSING_FOR_V4: Code =
    Code::fail("region-missing-for-v4", "the connection asks for V4 signatures and does not name the region");
static NEARLY_THE_NAME: Code =
    Code::warn("nearly-the-name", "a setting of the connection has nearly the name of one that Hadoop reads");

pub(crate) static CHECK: Check = Check {
    id: "connection-settings",
    title: "Hadoop can open the connection with all its settings",
    stage: Stage::Acceptance,
    needs: &[&super::hadoop_connector::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[
        &CLASS_MISSING,
        &PROVIDER_NOT_USABLE,
        &PROVIDER_INPUT_MISSING,
        &CREDENTIAL_STORE_EMPTY,
        &NOT_A_NUMBER,
        &ACL_VALUE,
        &SETS_ACL,
        &PROXY_INCOMPLETE,
        &PROXY_DEAD,
        &REGION_MISSING_FOR_V4,
        &NEARLY_THE_NAME,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachConnection(|_, dss, connection| Box::pin(judge(dss, connection))),
};

pub(super) async fn judge(dss: &dyn Dss, connection: &HadoopConnection) -> Judgement {
    let name = connection.name.as_str();
    let named = |finding: Finding| Ok(finding.with("connection", name).into());
    let configuration = Configuration::of(&dss.hadoop_keys().await?, connection);
    if let Some(other) = classes::other_connector(&configuration) {
        let why = format!("{} opens it, and how that reads its settings is not known", other.name());
        return Err(Unseen::unreadable(format!("the connection {name}"), why));
    }
    let client = configuration.client();
    let opening = client.problems().find_map(|problem| of_problem(name, problem, problem));
    let later = || client.later.iter().find_map(|later| of_problem(name, &later.problem, later));
    if let Some(finding) = opening.or_else(later) {
        return named(finding);
    }
    // What cannot be seen keeps nothing else from being judged.
    let mut unseen: Option<Unseen> = None;
    for finding in [
        classes::file_system(dss, name, &configuration).await,
        classes::provider(dss, name, &configuration).await,
        proxy::dead(dss, name, &client.proxy).await,
    ] {
        match finding {
            Ok(Some(finding)) => return named(finding),
            Ok(None) => {}
            Err(why) => unseen = unseen.or(Some(why)),
        }
    }
    if let Some(finding) = region(name, &configuration).or_else(|| names::nearly(name, &configuration)) {
        return named(finding);
    }
    if let Told::Known(acl) = &client.acl {
        let seen = format!("{ACL} of the connection {name} is {acl}");
        return named(SETS_ACL.found(seen).with("acl", acl));
    }
    unseen.map_or(Ok(Verdict::Pass), Err)
}

/// The finding of what Hadoop cannot go on with; the endpoint and the key have checks of their own, and of a proxy's host
/// more is told where it is asked.
fn of_problem(connection: &str, problem: &Problem, told: impl Display) -> Option<Finding> {
    let code = match &problem.fault {
        Fault::ProxyWithoutHost | Fault::ProxyLacks(_) => &PROXY_INCOMPLETE,
        Fault::NotANumber { .. } | Fault::TooSmall { .. } | Fault::TooLarge { .. } => &NOT_A_NUMBER,
        Fault::ProviderConstructor { .. } => &PROVIDER_NOT_USABLE,
        Fault::StoreEmpty => &CREDENTIAL_STORE_EMPTY,
        Fault::Acl { .. } => &ACL_VALUE,
        Fault::TooDeep
        | Fault::ProxyHost { .. }
        | Fault::EndpointMissing
        | Fault::EndpointMalformed { .. }
        | Fault::KeyMissing => return None,
    };
    let seen = format!("connection {connection}: {told}");
    Some(code.found(seen).with("key", problem.key).with("what", told.to_string()))
}

/// hadoop-aliyun 3.5.0, the first that makes V4 signatures, makes none for a region that it does not know.
fn region(connection: &str, configuration: &Configuration) -> Option<Finding> {
    let version = configuration.get(SIGNATURE_VERSION).known()?;
    let region = configuration.trimmed(REGION);
    let missing = region == Told::Unset || region == Told::Known(String::new());
    (is_version_4(&version) && missing).then(|| {
        REGION_MISSING_FOR_V4
            .found(format!("{SIGNATURE_VERSION} of the connection {connection} is {version}, and {REGION} is not set"))
    })
}
