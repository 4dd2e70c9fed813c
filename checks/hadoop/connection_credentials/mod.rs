//! The connection has an AccessKey, its secret is encrypted, and its users have set their own credentials (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::read::{KEY_ID, KEY_PROVIDER, KEY_SECRET};
use ackcheck_core::seat::dss::{HadoopConnection, PropertyValue};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;
mod users;

static MISSING: Code = Code::fail("missing", "the connection lacks the AccessKey id or the secret");
static PLAIN_TEXT: Code = Code::warn("plain-text", "an AccessKey secret is stored unencrypted in DSS's settings");
static UNRESOLVED_VARIABLE: Code =
    Code::fail("unresolved-variable", "the connection's key refers to a variable that is not defined in DSS");
static PER_USER_UNSET: Code =
    Code::fail("per-user-unset", "some users have not set the credentials that the connection requires of them");

pub(crate) static CHECK: Check = Check {
    id: "connection-credentials",
    title: "The connection has an AccessKey for every user, and its secret is encrypted",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&MISSING, &PLAIN_TEXT, &UNRESOLVED_VARIABLE, &PER_USER_UNSET],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachConnection(|_, dss, connection| Box::pin(judge(dss, connection))),
};

async fn judge(dss: &dyn Dss, connection: &HadoopConnection) -> Judgement {
    let named = |finding: Finding| finding.with("connection", connection.name.as_str());
    if let Some(finding) = of_connection(dss, connection).await? {
        return Ok(named(finding).into());
    }
    let clear = |(_, value): &&(String, PropertyValue)| *value == PropertyValue::ClearSecret;
    match connection.properties.iter().find(clear) {
        Some((key, _)) => {
            let seen = format!("{key} of the connection {} is not encrypted", connection.name);
            Ok(named(PLAIN_TEXT.found(seen)).with("key", key.as_str()).into())
        }
        None => Ok(Verdict::Pass),
    }
}

/// What the connection lacks to have a key, if anything.
async fn of_connection(dss: &dyn Dss, connection: &HadoopConnection) -> Result<Option<Finding>, Unseen> {
    let name = &connection.name;
    let given = |key: &str| connection.property(key).is_some_and(PropertyValue::is_given);
    if given(KEY_PROVIDER) {
        return Ok(None);
    }
    if connection.per_user {
        let lacking: Vec<String> = users::who_may_use(connection, &dss.users().await?)
            .filter(|user| !user.credentials_for.contains(name))
            .map(|user| user.login.clone())
            .collect();
        return Ok((!lacking.is_empty()).then(|| {
            let seen = format!(
                "the connection {name} requires each user's own credentials; not set by {}",
                lacking.join(", ")
            );
            PER_USER_UNSET.found(seen).with("users", lacking.join("\n"))
        }));
    }
    let missing: Vec<&str> = [KEY_ID, KEY_SECRET].into_iter().filter(|key| !given(key)).collect();
    if !missing.is_empty() {
        // Keys set for the whole instance apply to every connection without its own.
        let global = dss.hadoop_keys().await?;
        let global = |key: &str| global.iter().any(|other| other.key == key && other.value.is_given());
        if !global(KEY_PROVIDER)
            && let Some(key) = missing.into_iter().find(|key| !global(key))
        {
            return Ok(Some(MISSING.found(format!("the connection {name} does not set {key}")).with("key", key)));
        }
    }
    for key in [KEY_ID, KEY_SECRET] {
        if let Some(PropertyValue::Variables { names, .. }) = connection.property(key) {
            for variable in names {
                if let Some(finding) = of_variable(dss, connection, key, variable).await? {
                    return Ok(Some(finding.with("variable", variable.as_str()).with("key", key)));
                }
            }
        }
    }
    Ok(None)
}

/// Why DSS cannot resolve a variable of a key, if it cannot.
async fn of_variable(
    dss: &dyn Dss,
    connection: &HadoopConnection,
    key: &str,
    variable: &str,
) -> Result<Option<Finding>, Unseen> {
    let of = format!("{key} of the connection {} is ${{{variable}}}", connection.name);
    if users::is_users_own(variable) {
        let users = dss.users().await?;
        let (having, lacking): (Vec<_>, Vec<_>) =
            users::who_may_use(connection, &users).partition(|user| user.variables.iter().any(|own| own == variable));
        if lacking.is_empty() {
            return Ok(None);
        }
        if having.is_empty() {
            return Ok(Some(UNRESOLVED_VARIABLE.found(format!("{of}, which is not set for any user"))));
        }
        let lacking = lacking.into_iter().map(|user| user.login.clone()).collect::<Vec<_>>();
        let seen = format!("{of}, which is not set for {}", lacking.join(", "));
        return Ok(Some(PER_USER_UNSET.found(seen).with("users", lacking.join("\n"))));
    }
    if users::is_built_in(variable) || dss.global_variables().await?.iter().any(|known| known == variable) {
        return Ok(None);
    }
    Ok(Some(UNRESOLVED_VARIABLE.found(format!("{of}, which is not defined in DSS"))))
}
