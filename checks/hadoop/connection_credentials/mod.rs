//! The connection has an AccessKey, its secret is encrypted, and its users have set their own credentials (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::hadoop_configuration::{Configuration, Credentials, Told, Unknown, Why};
use ackcheck_core::java;
use ackcheck_core::place::Stage;
use ackcheck_core::placeholder;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::read::{KEY_ID, KEY_SECRET, SECURITY_TOKEN};
use ackcheck_core::seat::dss::{HadoopConnection, PropertyValue};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

mod trials;
mod users;
mod variables;

static MISSING: Code = Code::fail("missing", "the connection lacks the AccessKey id or the secret");
static ID_AND_SECRET_SWAPPED: Code =
    Code::fail("id-and-secret-swapped", "the connection has the id of an AccessKey where the secret belongs");
static NO_KEY_ID: Code = Code::fail("no-key-id", "the connection's AccessKey id is not an id");
static TOKEN_MISSING: Code =
    Code::fail("token-missing", "the connection has a temporary AccessKey without its security token");
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
    findings: &[
        &MISSING,
        &ID_AND_SECRET_SWAPPED,
        &NO_KEY_ID,
        &TOKEN_MISSING,
        &PLAIN_TEXT,
        &UNRESOLVED_VARIABLE,
        &PER_USER_UNSET,
    ],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachConnection(|_, dss, connection| Box::pin(judge(dss, connection))),
};

pub(super) async fn judge(dss: &dyn Dss, connection: &HadoopConnection) -> Judgement {
    let named = |finding: Finding| finding.with("connection", connection.name.as_str());
    let configuration = Configuration::of(&dss.hadoop_keys().await?, connection);
    if let Some(finding) = of_connection(dss, connection, &configuration).await? {
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
async fn of_connection(
    dss: &dyn Dss,
    connection: &HadoopConnection,
    configuration: &Configuration,
) -> Result<Option<Finding>, Unseen> {
    let name = &connection.name;
    let credentials = configuration.credentials();
    let Credentials::Key { id, secret, .. } = &credentials else {
        // Whether Hadoop can make the class, and has what the class reads, connection-settings says.
        return Ok(None);
    };
    if connection.per_user {
        return users::without_credentials(dss, connection).await.map(|lacking| {
            lacking.map(|lacking| {
                let seen = format!("the connection {name} requires each user's own credentials; not set by {lacking}");
                PER_USER_UNSET.found(seen).with("users", lacking.replace(", ", "\n"))
            })
        });
    }
    if let Some(key) = credentials.missing() {
        return Ok(Some(MISSING.found(format!("the connection {name} does not set {key}")).with("key", key)));
    }
    if configuration.setting(KEY_SECRET).is_some_and(|secret| secret.value == PropertyValue::ClearId) {
        let seen = format!("{KEY_SECRET} of the connection {name} has the form of an AccessKey's id");
        return Ok(Some(ID_AND_SECRET_SWAPPED.found(seen)));
    }
    for part in [id, secret] {
        if let Told::Unknown(unknown @ Unknown { why: Why::CredentialStore, .. }) = part {
            return Err(Unseen::unreadable(format!("the key of the connection {name}"), unknown.to_string()));
        }
    }
    if let Told::Known(id) = id
        && let Some(why) = no_id(id)
    {
        let seen = format!("{KEY_ID} of the connection {name} is {}: {why}", java::quoted(id));
        return Ok(Some(NO_KEY_ID.found(seen)));
    }
    if credentials.lacks_token() {
        let seen = format!("the connection {name} has a temporary AccessKey and does not set {SECURITY_TOKEN}");
        return Ok(Some(TOKEN_MISSING.found(seen)));
    }
    for key in [KEY_ID, KEY_SECRET] {
        if let Some(PropertyValue::Variables { names, .. }) = configuration.setting(key).map(|setting| &setting.value)
            && !matches!(configuration.get(key), Told::Known(_))
        {
            for variable in names {
                if let Some(finding) = variables::unresolved(dss, connection, key, variable).await? {
                    return Ok(Some(finding.with("variable", variable.as_str()).with("key", key)));
                }
            }
        }
    }
    Ok(None)
}

/// Why a text is certainly not the id of an AccessKey.
fn no_id(id: &str) -> Option<String> {
    if let Some(unseen) = java::unseen(id) {
        let code = u32::from(unseen);
        return Some(format!("it holds the invisible character U+{code:04X}, which Hadoop does not trim"));
    }
    if let Some(printed) = placeholder::found_in(id) {
        return Some(format!("{printed} is a placeholder of the documentation"));
    }
    // `LTAI5t…`, `STS.NU…`; an id of Apsara Stack may have another beginning, but no other letters. What is hidden is
    // somebody's secret, and not shown as what it is.
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '•');
    let odd = id.chars().find(|c| !letter(*c))?;
    Some(format!("the id of an AccessKey cannot contain {odd:?}"))
}
