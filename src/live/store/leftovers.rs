//! Objects that earlier runs left in the buckets, by the folder they lie in, and uploads in parts that they left open; and
//! their removal.

use http::{HeaderMap, Method};

use super::request::About;
use super::sign::Unsigned;
use super::targets::Account;
use super::{FOLDER, ReplyKind, StoreRun, reply};
use crate::survey::{Leftover, Survey, is_run_id};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::store::{OpenUpload, StoreReply, StoreRequest};
use ackcheck_core::verdict::Unseen;

/// Listings of one bucket at the most, of a thousand keys each.
const MOST_ROUNDS: usize = 20;

/// Looks for objects of all runs, or of one.
pub(crate) async fn survey(store: &StoreRun, run: Option<&str>, journal: &Journal) -> Survey {
    let mut survey = Survey::default();
    let accounts = match store.accounts(journal).await {
        Ok(accounts) => accounts,
        Err(Unseen::NotDescribed(_)) => return survey,
        Err(Unseen::Broken(broken)) => {
            survey.unseen.push(format!("the buckets: {broken}"));
            return survey;
        }
    };
    for account in accounts.iter() {
        let place = format!("oss://{}/{}", account.target.bucket, folders(account, run));
        match list(store, account, run, journal).await {
            Ok(keys) => {
                survey.looked.push(format!("{place}*"));
                survey.found.extend(keys.into_iter().map(|key| Leftover {
                    run: run_of(account, &key).unwrap_or_default().to_owned(),
                    name: format!("oss://{}/{key}", account.target.bucket),
                    since: None,
                }));
            }
            Err(why) => survey.unseen.push(format!("{place}*: {why}")),
        }
        let place = format!("the uploads in parts to {place}");
        match list_uploads(store, account, run, journal).await {
            Ok(open) => {
                survey.looked.push(format!("{place}*"));
                survey.found.extend(open.into_iter().map(|open| Leftover {
                    run: run_of(account, &open.key).unwrap_or_default().to_owned(),
                    name: format!("oss://{}/{}: an upload in parts, {}", account.target.bucket, open.key, open.id),
                    since: open.since.and_then(|since| since.parse().ok()),
                }));
            }
            Err(why) => survey.unseen.push(format!("{place}*: {why}")),
        }
    }
    survey
}

/// Removes them.
pub(crate) async fn remove(store: &StoreRun, run: Option<&str>, journal: &Journal) {
    let Ok(accounts) = store.accounts(journal).await else { return };
    for account in accounts.iter() {
        // What cannot be aborted becomes an object.
        for _ in 0..MOST_ROUNDS {
            let Ok(uploads) = list_uploads(store, account, run, journal).await else { break };
            let mut progress = false;
            for open in uploads {
                progress |= store.end_upload(journal, account, &open.key, &open.id).await.is_ok();
            }
            if !progress {
                break;
            }
        }
        for _ in 0..MOST_ROUNDS {
            let Ok(keys) = list(store, account, run, journal).await else { break };
            let mut progress = false;
            for key in keys {
                let delete = StoreRequest::Delete { name: key.clone() };
                let gone = store.ask(journal, account, &delete, About::object(&key)).await;
                progress |= matches!(gone, Ok(Ok(reply)) if reply.ok());
            }
            if !progress {
                break;
            }
        }
    }
}

/// What the keys of all runs, or of one, begin with.
fn folders(account: &Account, run: Option<&str>) -> String {
    let folder = run.map_or(FOLDER.to_owned(), |run| format!("{FOLDER}{run}/"));
    match account.target.prefix.as_str() {
        "" => folder,
        prefix => format!("{prefix}/{folder}"),
    }
}

/// The run that put an object; none where no run names its objects so, and it is somebody else's.
fn run_of<'k>(account: &Account, key: &'k str) -> Option<&'k str> {
    let (run, name) = key.strip_prefix(&folders(account, None))?.split_once('/')?;
    let own = match name.split_once('/') {
        // Hadoop leaves the folder of a run where it deletes what is in it.
        None => true,
        Some((folder, file)) => super::hadoop::is_own(folder, file),
    };
    (is_run_id(run) && own).then_some(run)
}

async fn list(
    store: &StoreRun,
    account: &Account,
    run: Option<&str>,
    journal: &Journal,
) -> Result<Vec<String>, String> {
    let query = vec![("list-type", "2".to_owned()), ("max-keys", "1000".to_owned()), ("prefix", folders(account, run))];
    let reply = listed(store, account, query, ReplyKind::Listing, journal).await?;
    Ok(reply.body.lines().filter(|key| run_of(account, key).is_some()).map(str::to_owned).collect())
}

async fn list_uploads(
    store: &StoreRun,
    account: &Account,
    run: Option<&str>,
    journal: &Journal,
) -> Result<Vec<OpenUpload>, String> {
    let prefix = folders(account, run);
    let query = vec![("uploads", String::new()), ("max-uploads", "1000".to_owned()), ("prefix", prefix)];
    let reply = listed(store, account, query, ReplyKind::Uploads, journal).await?;
    Ok(reply.uploads.into_iter().filter(|open| run_of(account, &open.key).is_some()).collect())
}

/// A listing of the bucket.
async fn listed(
    store: &StoreRun,
    account: &Account,
    query: Vec<(&'static str, String)>,
    kind: ReplyKind,
    journal: &Journal,
) -> Result<StoreReply, String> {
    let unsigned = Unsigned { method: Method::GET, key: None, query, headers: HeaderMap::new() };
    let place = store.placed(journal, account).await.map_err(|unseen| unseen.to_string())??;
    let heard = store.send(journal, account, &place, &unsigned, "").await;
    let heard = heard.map_err(|unseen| unseen.to_string())?;
    let reply = heard.and_then(|answer| reply::read(kind, answer.http)).map_err(|why| why.to_string())?;
    match reply.ok() {
        true => Ok(reply),
        false => {
            let StoreReply { status, code, message, .. } = reply;
            Err(format!("HTTP {status} {} {}", code.unwrap_or_default(), message.unwrap_or_default()))
        }
    }
}
