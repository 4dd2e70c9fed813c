//! Objects that earlier runs left in the buckets, by the folder they lie in; and their removal.

use http::{HeaderMap, Method};

use super::sign::Unsigned;
use super::targets::Account;
use super::{FOLDER, ReplyKind, StoreRun, reply};
use crate::survey::{Leftover, Survey, is_run_id};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::store::{StoreReply, StoreRequest};
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
    }
    survey
}

/// Removes them.
pub(crate) async fn remove(store: &StoreRun, run: Option<&str>, journal: &Journal) {
    let Ok(accounts) = store.accounts(journal).await else { return };
    for account in accounts.iter() {
        for _ in 0..MOST_ROUNDS {
            let Ok(keys) = list(store, account, run, journal).await else { break };
            let mut progress = false;
            for key in keys {
                let delete = StoreRequest::Delete { name: key.clone() };
                let gone = store.ask(journal, account, &delete, Some(&key), None).await;
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
    (is_run_id(run) && !name.is_empty() && !name.contains('/')).then_some(run)
}

async fn list(
    store: &StoreRun,
    account: &Account,
    run: Option<&str>,
    journal: &Journal,
) -> Result<Vec<String>, String> {
    let query = vec![("list-type", "2".to_owned()), ("max-keys", "1000".to_owned()), ("prefix", folders(account, run))];
    let unsigned = Unsigned { method: Method::GET, key: None, query, headers: HeaderMap::new() };
    let place = store.placed(journal, account).await.map_err(|unseen| unseen.to_string())??;
    let heard = store.send(journal, account, &place, &unsigned, "").await;
    let heard = heard.map_err(|unseen| unseen.to_string())?;
    let heard = heard.and_then(|answer| reply::read(ReplyKind::Listing, answer.http)).map_err(|why| why.to_string())?;
    match heard {
        StoreReply { status: 200..=299, body, .. } => {
            Ok(body.lines().filter(|key| run_of(account, key).is_some()).map(str::to_owned).collect())
        }
        StoreReply { status, code, message, .. } => {
            Err(format!("HTTP {status} {} {}", code.unwrap_or_default(), message.unwrap_or_default()))
        }
    }
}
