//! Hadoop itself in a bucket: one short JVM, started as DSS starts its own, with the settings and the key of one connection.
//!
//! No class of DSS or Hadoop does all of it in one JVM, so ackcheck brings two of its own (`hadoop/AckcheckHadoop.java`,
//! compiled for Java 8 and kept beside it; `ci/hadoop/run.sh` compiles it again and compares). They lie, with the settings,
//! in a folder that only this account can enter, and which is removed with all that Hadoop buffers in it.

mod process;
mod settings;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Instant;

use super::request::About;
use super::targets::{self, Account};
use super::{Change, StoreRun};
use ackcheck_core::evidence::Journal;
use ackcheck_core::hadoop_configuration::{Configuration, Credentials};
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::seat::store::{HadoopDid, HadoopRun, StoreRequest};
use ackcheck_core::verdict::Unseen;

/// The folder below the run's.
const FOLDER: &str = "hadoop";
/// What is put into it.
const FILES: [&str; 2] = ["written", "renamed"];

/// What Hadoop does in the place of this account for a connection of DSS.
pub(super) async fn run(store: &StoreRun, account: &Account, name: &str, journal: &Journal) -> Seen<HadoopRun> {
    as_dss(store)?;
    let known = store.source.connections(journal).await?;
    let connection = known.into_iter().find(|connection| connection.name == name);
    let connection =
        connection.ok_or_else(|| Unseen::unreadable(format!("the connection {name}"), "DSS has none of that name"))?;
    works_at(store, account, &connection)?;
    let instance = store.source.hadoop_keys(journal).await?;
    let told = Configuration::of(&instance, &connection);
    has_own_key(&connection, &told)?;
    let config = store.wire.config();
    let key = targets::key_of_hadoop(config, &*store.source, journal, &connection, &told, account).await?;
    let configuration = store.source.configuration(journal, name).await?;
    let configuration = configuration
        .ok_or_else(|| Unseen::unreadable(format!("the connection {name}"), "DSS has none of that name any more"))?;
    let proxy = configuration.client().proxy.known().and_then(|proxy| proxy.authority());
    let set = settings::of(&configuration, &key)?;
    let java = store.source.java(journal).await?;
    let folder = store.key(&account.target, FOLDER);
    let uri = format!("oss://{}/{folder}", account.target.bucket);

    let keys = keys(store, account, &folder);
    keys.iter().for_each(|key| store.remember(&account.target, key));
    let began = Instant::now();
    let did = process::run(&java, set, &uri, journal).await;
    let asked = format!("Hadoop in {uri} for the connection {name}, by {} of {}", java.program.display(), java.told_by);
    journal.note(Vantage::Store, asked, ackcheck_core::seat::told(&did), began.elapsed());
    remove(store, account, &keys, &did, journal).await;
    let java = java.program.display().to_string();
    Ok(HadoopRun { connection: connection.name, access_key_id: key.id.clone(), java, proxy, did: did? })
}

/// Whether a file of a folder of a run is one that Hadoop was told to write; the folder itself has an empty name.
pub(super) fn is_own(folder: &str, file: &str) -> bool {
    let number = folder.strip_suffix(FOLDER).and_then(|folder| folder.strip_suffix('-'));
    let numbered = number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    numbered && (file.is_empty() || FILES.contains(&file))
}

/// Everything that Hadoop puts: the folder and its files; and, when it deletes the folder, the one above, to keep it there.
fn keys(store: &StoreRun, account: &Account, folder: &str) -> Vec<String> {
    let above = match account.target.prefix.as_str() {
        "" => format!("{}/", store.folder),
        prefix => format!("{prefix}/{}/", store.folder),
    };
    let files = FILES.iter().map(|file| format!("{folder}/{file}"));
    files.chain([format!("{folder}/"), above]).collect()
}

/// Removes what Hadoop left. What was never put is not asked for, where that is certain.
async fn remove(store: &StoreRun, account: &Account, keys: &[String], did: &Seen<HadoopDid>, journal: &Journal) {
    let nothing = match did {
        Ok(HadoopDid::NotStarted { .. }) => true,
        Ok(HadoopDid::Threw { step, .. }) => step == process::FIRST_STEP,
        _ => false,
    };
    for key in keys {
        if nothing {
            store.settled_absent(&account.target, key);
            continue;
        }
        let delete = StoreRequest::Delete { name: key.clone() };
        if let Ok(heard) = store.ask(journal, account, &delete, About::object(key)).await {
            store.settle(&account.target, key, Change::Delete, &heard);
        }
    }
}

/// Only as DSS's own account, on its own host, is it DSS's Java, class path and files.
fn as_dss(store: &StoreRun) -> Seen<()> {
    if !store.wire.config().host.local {
        return Err(Unseen::not_described("ackcheck does not run on the DSS host (`[host] local = false`)"));
    }
    let Some(data) = store.source.data_dir() else {
        let why = "DSS's Java and class path are read in its data directory: `[dss]` has no `data_dir`";
        return Err(Unseen::not_described(why));
    };
    let owner = owner(&data)?;
    let own = nix::unistd::geteuid().as_raw();
    if owner != own {
        let why = format!("ackcheck runs as the account {own}, and DSS as {owner}: run ackcheck as DSS's account");
        return Err(Unseen::not_described(why));
    }
    Ok(())
}

fn owner(data: &Path) -> Seen<u32> {
    let metadata = std::fs::metadata(data);
    Ok(metadata.map_err(|error| Unseen::unreadable(data.display().to_string(), error.to_string()))?.uid())
}

/// The connection works where the site's place is; of a root with variables nobody but DSS knows, and it is in the bucket.
fn works_at(store: &StoreRun, account: &Account, connection: &HadoopConnection) -> Seen<()> {
    let target = &account.target;
    let Some(storage) = &store.wire.config().storage else { return Ok(()) };
    match targets::root_of(storage, connection) {
        Ok((bucket, prefix)) if (&bucket, &prefix) != (&target.bucket, &target.prefix) => {
            let (name, root) = (&connection.name, &connection.root);
            Err(Unseen::not_described(format!(
                "the connection {name} works in {root}, and not in oss://{}/{} of the site file",
                target.bucket, target.prefix
            )))
        }
        _ => Ok(()),
    }
}

/// A key that stands in settings.
fn has_own_key(connection: &HadoopConnection, told: &Configuration) -> Seen<()> {
    let name = &connection.name;
    if connection.per_user {
        return Err(Unseen::not_described(format!("each user of the connection {name} brings their own key")));
    }
    match told.credentials() {
        Credentials::Key { .. } => Ok(()),
        Credentials::Provider(class) => {
            Err(Unseen::not_described(format!("the connection {name} has its key from {class}, inside of DSS")))
        }
        Credentials::Unknown(unknown) => {
            Err(Unseen::unreadable(format!("the key of the connection {name}"), unknown.to_string()))
        }
        Credentials::TooDeep => Err(Unseen::unreadable(
            format!("the key of the connection {name}"),
            "it has variables in variables, more than Hadoop resolves",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn only_the_names_that_hadoop_was_given_are_its_own() {
        for (folder, file) in [("1-hadoop", ""), ("12-hadoop", "written"), ("1-hadoop", "renamed")] {
            assert!(is_own(folder, file), "{folder}/{file}");
        }
        for (folder, file) in
            [("hadoop", ""), ("-hadoop", "written"), ("x-hadoop", ""), ("1-hadoop", "other"), ("1-oss", "")]
        {
            assert!(!is_own(folder, file), "{folder}/{file}");
        }
    }
}
