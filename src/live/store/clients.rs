//! Who works in a bucket besides ackcheck: the connections of DSS, and what Hadoop signs for them.

use super::StoreRun;
use super::targets::{Account, Entry};
use ackcheck_core::config::AccessKey;
use ackcheck_core::evidence::Journal;
use ackcheck_core::hadoop_configuration::{Configuration, Told};
use ackcheck_core::java;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::jars::FILE_SYSTEM_CLASS;
use ackcheck_core::seat::dss::read::{FILE_SYSTEM, REGION, SIGNATURE_VERSION, is_version_4};
use ackcheck_core::seat::dss::{HadoopConnection, HadoopKey};
use ackcheck_core::seat::store::{Client, Clients, SignatureVersion};
use ackcheck_core::verdict::Unseen;

/// What the ids of lasting and of temporary keys begin with.
const ID_BEGINS: [&str; 2] = ["LTAI", "STS."];

/// Of the bucket of this account.
pub(super) async fn of(run: &StoreRun, account: &Account, journal: &Journal) -> Seen<Clients> {
    let key = account.place.as_ref().ok().map(|place| &place.key);
    Ok(Clients {
        connections: connections(run, &account.target.bucket, journal).await,
        has_token: key.is_some_and(|key| key.token.is_some()),
        secret_is_like_an_id: key.is_some_and(is_swapped),
    })
}

/// None where no DSS is described, or it has no connection to OSS yet: then nothing says who will sign.
async fn connections(run: &StoreRun, bucket: &str, journal: &Journal) -> Seen<Option<Vec<Client>>> {
    if run.wire.config().dss.is_none() {
        return Ok(None);
    }
    let known = run.source.connections(journal).await?;
    if !known.iter().any(HadoopConnection::is_oss) {
        return Ok(None);
    }
    let everywhere = run.source.hadoop_keys(journal).await?;
    let in_it = known.iter().filter(|connection| works_in(connection, bucket));
    Ok(Some(
        in_it
            .map(|connection| Client { name: connection.name.clone(), signs: signs(connection, &everywhere) })
            .collect(),
    ))
}

/// A root with a variable in its path is in the bucket all the same.
fn works_in(connection: &HadoopConnection, bucket: &str) -> bool {
    java::trim(&connection.root).strip_prefix("oss://").and_then(|rest| rest.split('/').next()) == Some(bucket)
}

fn signs(connection: &HadoopConnection, everywhere: &[HadoopKey]) -> Seen<SignatureVersion> {
    let unreadable =
        |key: &str, why: String| Err(Unseen::unreadable(format!("{key} of the connection {}", connection.name), why));
    let configuration = Configuration::of(everywhere, connection);
    if let Told::Known(class) = configuration.trimmed(FILE_SYSTEM)
        && class != FILE_SYSTEM_CLASS.replace('/', ".")
    {
        let what = format!("what the connection {} signs with", connection.name);
        return Err(Unseen::unreadable(what, format!("{class} opens it, and how that signs is not known")));
    }
    let read = |key: &str, told: Told<String>| match told {
        Told::Known(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Told::Unset => Ok(None),
        Told::Unknown(unknown) => unreadable(key, unknown.to_string()),
        Told::TooDeep => unreadable(key, "it has variables in variables, more than Hadoop resolves".to_owned()),
    };
    match read(SIGNATURE_VERSION, configuration.get(SIGNATURE_VERSION))?.as_deref() {
        Some(version) if is_version_4(version) => {
            Ok(SignatureVersion::V4 { region: read(REGION, configuration.trimmed(REGION))? })
        }
        Some(_) | None => Ok(SignatureVersion::V1),
    }
}

/// What is given as the secret is formed like an id, and the id is not.
fn is_swapped(key: &AccessKey) -> bool {
    let like_an_id = |text: &str| ID_BEGINS.iter().any(|start| text.trim().starts_with(start));
    like_an_id(key.secret.expose()) && !like_an_id(&key.id)
}

/// Where id and secret are swapped, the secret stands in the id's place, and would be printed as ids are.
pub(super) fn hide_swapped_secrets(entries: &[Entry], journal: &Journal) {
    let places = entries.iter().filter_map(|entry| entry.account.as_ref().ok()?.place.as_ref().ok());
    for place in places.filter(|place| is_swapped(&place.key)) {
        journal.scrubber().secret(place.key.id.clone());
    }
}
