//! The store seat on a real deployment: OSS, asked with the keys DSS will use.
//!
//! [`StoreRun`] is shared by all cases of a run: it knows the buckets, and every object the run put and every upload it
//! began, so that [`StoreRun::clean_up`] can remove them. Objects lie below `prefix/.ackcheck-RUN/`.

mod clients;
mod clock;
mod described;
mod hadoop;
pub(super) mod leftovers;
mod put;
mod region;
mod removal;
mod reply;
mod request;
mod sign;
mod targets;
mod uploads;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use tokio::sync::OnceCell;
use tokio_util::task::TaskTracker;
use url::Url;

use self::clock::Timed;
use self::put::Put;
use self::region::Regions;
use self::request::About;
use self::sign::{Place, Unsigned};
use self::targets::{Account, Entry};
use self::uploads::Begun;
use super::wire::Wire;
use ackcheck_core::config::Config;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::store::{Clients, HadoopRun, SignatureVersion, Store, StoreReply, StoreRequest, StoreTarget};
use ackcheck_core::seat::{Heard, NameAnswer, NoReply, Seen};
use ackcheck_core::subject::Subject;
use ackcheck_core::verdict::{Broken, Unseen};

pub use self::described::described;
pub(super) use self::reply::{ReplyKind, read as read_reply};
pub use self::targets::{ConnectionSource, NoConnections};

/// How often a request is asked again after a server error or a connection that broke.
const RETRIES: u32 = 2;
/// Before the first of them; doubled for the next.
const BACKOFF: Duration = Duration::from_millis(100);
/// The folder of a run begins so, and its id follows.
const FOLDER: &str = ".ackcheck-";

/// What the store's cases of one run share.
pub struct StoreRun {
    wire: Wire,
    folder: String,
    source: Arc<dyn ConnectionSource>,
    entries: OnceCell<Arc<Vec<Entry>>>,
    put: Mutex<Vec<Put>>,
    begun: Mutex<Vec<Begun>>,
    regions: Regions,
    /// The requests that change something: what their answers say is for clean-up, though nobody else waits for them.
    under_way: TaskTracker,
}

/// What a request does to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Put,
    Delete,
}

/// One object of this run, which whoever holds these URLs can put, get and delete without a key. The put must be sent
/// without `Content-Type`, or the signature does not match.
#[derive(Clone)]
pub struct SignedUrls {
    pub target: StoreTarget,
    pub key: String,
    pub put: Url,
    pub get: Url,
    pub delete: Url,
}

impl std::fmt::Debug for SignedUrls {
    /// Without the URLs, whose signatures are worth a key for a while.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedUrls").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Opens the seat for one case.
pub fn open(run: &Arc<StoreRun>, at: &Subject, journal: Journal) -> Seen<Box<dyn Store>> {
    if run.wire.config().storage.is_none() {
        return Err(Unseen::not_described("the site file has no [storage]"));
    }
    Ok(Box::new(LiveStore { run: run.clone(), at: at.clone(), journal }))
}

impl StoreRun {
    /// For a run with this id; connections of DSS are read from `source` where the site file says so.
    pub fn new(wire: Wire, run_id: &str, source: Arc<dyn ConnectionSource>) -> StoreRun {
        let folder = format!("{FOLDER}{run_id}");
        StoreRun {
            wire,
            folder,
            source,
            entries: OnceCell::new(),
            put: Mutex::default(),
            begun: Mutex::default(),
            regions: Regions::default(),
            under_way: TaskTracker::new(),
        }
    }

    async fn entries(&self, journal: &Journal) -> Seen<Arc<Vec<Entry>>> {
        let read = || async {
            let entries = targets::entries(self.wire.config(), self.source.as_ref(), journal).await?;
            clients::hide_swapped_secrets(&entries, journal);
            Ok(Arc::new(entries))
        };
        self.entries.get_or_try_init(read).await.cloned()
    }

    /// What the checks of the object store have one case for each of.
    pub async fn subjects(&self, journal: &Journal) -> Seen<Vec<Subject>> {
        Ok(self.entries(journal).await?.iter().map(|entry| entry.subject.clone()).collect())
    }

    /// Every place that can be asked.
    async fn accounts(&self, journal: &Journal) -> Seen<Vec<Account>> {
        let entries = self.entries(journal).await?;
        Ok(entries.iter().filter_map(|entry| entry.account.as_ref().ok()).cloned().collect())
    }

    async fn account(&self, at: &Subject, journal: &Journal) -> Seen<Account> {
        let entries = self.entries(journal).await?;
        match entries.iter().find(|entry| entry.subject == *at) {
            Some(entry) => entry.account.clone(),
            None => Err(Unseen::unreadable(at.to_string(), "the site does not describe it")),
        }
    }

    /// The way to a place: through its own proxy, where it has one, and else as for everything.
    fn wire_of(&self, account: &Account) -> Seen<Wire> {
        let Some(proxy) = &account.proxy else { return Ok(self.wire.clone()) };
        let mut config = Config::clone(self.wire.config());
        config.network.proxy = Some(proxy.clone());
        Ok(Wire::new(Arc::new(config))?)
    }

    /// The key of an object at a place. Two places may be one folder of one bucket (a connection, and the bucket that the
    /// site file names): each has objects of its own there.
    fn key(&self, target: &StoreTarget, name: &str) -> String {
        let entries = self.entries.get().map_or(&[][..], |entries| entries.as_slice());
        let number = entries.iter().position(|entry| entry.subject == target.subject).map_or(0, |at| at + 1);
        match target.prefix.as_str() {
            "" => format!("{}/{number}-{name}", self.folder),
            prefix => format!("{prefix}/{}/{number}-{name}", self.folder),
        }
    }

    /// One object named by `name` at each place that can be asked, as URLs that a pod can use for as long as `lasts`. The
    /// objects are removed by clean-up unless [`StoreRun::forget`] is told that they are gone.
    pub async fn presign(&self, journal: &Journal, name: &str, lasts: Duration) -> Seen<Vec<SignedUrls>> {
        let mut signed = Vec::new();
        for account in self.accounts(journal).await?.iter() {
            let target = &account.target;
            let place = self.placed(journal, account).await?.map_err(|why| {
                Unseen::unreadable(format!("the endpoint {} of {}", target.endpoint, target.subject), why)
            })?;
            let key = self.key(target, name);
            let sign = async |method| {
                let unsigned = Unsigned { method, key: Some(&key), query: Vec::new(), headers: HeaderMap::new() };
                let signed = place.sign(&unsigned, Some(lasts)).await;
                let (url, _) =
                    signed.map_err(|why| Unseen::unreadable(format!("a signed URL of {}", target.subject), why))?;
                Seen::Ok(url)
            };
            let (put, get, delete) = (sign(Method::PUT).await?, sign(Method::GET).await?, sign(Method::DELETE).await?);
            self.remember(target, &key);
            signed.push(SignedUrls { target: target.clone(), key, put, get, delete });
        }
        Ok(signed)
    }

    /// Every place that can be asked, with the URL below which its objects are.
    pub async fn doors(&self, journal: &Journal) -> Seen<Vec<(StoreTarget, url::Url)>> {
        let mut doors = Vec::new();
        for account in self.accounts(journal).await?.iter() {
            let target = &account.target;
            let placed = self.placed(journal, account).await?.and_then(|place| place.door());
            let door = placed.map_err(|why| {
                Unseen::unreadable(format!("the endpoint {} of {}", target.endpoint, target.subject), why)
            })?;
            doors.push((target.clone(), door));
        }
        Ok(doors)
    }

    /// Asks, signed with version 4 where the region is known.
    async fn ask(
        &self,
        journal: &Journal,
        account: &Account,
        request: &StoreRequest,
        about: About<'_>,
    ) -> Seen<Heard<StoreReply>> {
        let place = match self.placed(journal, account).await? {
            Ok(place) => place,
            Err(why) => return Ok(Err(nowhere(account, why))),
        };
        self.ask_at(journal, account, &place, request, about).await
    }

    async fn ask_at(
        &self,
        journal: &Journal,
        account: &Account,
        place: &Place,
        request: &StoreRequest,
        about: About<'_>,
    ) -> Seen<Heard<StoreReply>> {
        let (unsigned, body) = request::unsigned(&account.target, request, about);
        let heard = self.send(journal, account, place, &unsigned, &body).await?;
        Ok(heard.and_then(|answer| {
            let clock = clock::gap(&answer);
            let reply = reply::read(request.into(), answer.http)?;
            Ok(StoreReply { clock, ..reply })
        }))
    }

    /// Signs and sends one request, again after a server error or a connection that broke.
    async fn send(
        &self,
        journal: &Journal,
        account: &Account,
        place: &Place,
        unsigned: &Unsigned<'_>,
        body: &str,
    ) -> Seen<Heard<Timed>> {
        let wire = self.wire_of(account)?;
        // Of an upload that was begun twice, one would stay open.
        let once = unsigned.method == Method::POST && unsigned.query.iter().any(|(name, _)| *name == "uploads");
        let retries = if once { 0 } else { RETRIES };
        let mut attempt = 0;
        loop {
            // Signed anew each time: the signature is only good for as long as the clocks agree.
            let (url, headers) = place
                .sign(unsigned, None)
                .await
                .map_err(|why| Unseen::unreadable(format!("the access key of {}", account.target.subject), why))?;
            let method = unsigned.method.clone();
            let built = wire.client().request(method, url).headers(headers).body(body.to_owned()).build();
            let built = built.map_err(|error| Unseen::unreadable("a request to OSS", error.to_string()))?;
            let sent = Timestamp::now();
            let heard = wire.send(journal, Vantage::Store, built).await;
            let again = match &heard {
                Ok(reply) => reply.status >= 500,
                Err(NoReply::Closed { .. }) => true,
                Err(_) => false,
            };
            if !again || attempt == retries {
                return Ok(heard.map(|http| Timed { http, sent, heard: Timestamp::now() }));
            }
            tokio::time::sleep(BACKOFF * 2u32.pow(attempt)).await;
            attempt += 1;
        }
    }
}

/// The endpoint's text leads nowhere.
fn nowhere(account: &Account, said: String) -> NoReply {
    NoReply::Unresolvable { name: account.target.endpoint.clone(), said }
}

/// The seat of one case.
struct LiveStore {
    run: Arc<StoreRun>,
    at: Subject,
    journal: Journal,
}

#[async_trait]
impl Store for LiveStore {
    async fn target(&self) -> Seen<StoreTarget> {
        let began = std::time::Instant::now();
        let target = self.run.account(&self.at, &self.journal).await?.target;
        // A finding may rest on the text of an endpoint alone.
        let StoreTarget { subject, bucket, prefix, endpoint, access_key_id, .. } = &target;
        let told = format!("oss://{bucket}/{prefix} at {endpoint:?} with {access_key_id}");
        self.journal.note(Vantage::Store, format!("the {subject} as the site describes it"), told, began.elapsed());
        Ok(target)
    }

    async fn resolve(&self) -> Seen<NameAnswer> {
        let account = self.run.account(&self.at, &self.journal).await?;
        match ackcheck_core::seat::store::Endpoint::parse(&account.target.endpoint) {
            Ok(endpoint) => Ok(self.run.wire.resolve(&self.journal, Vantage::Store, &endpoint.host).await),
            Err(said) => Ok(NameAnswer::NoSuchName { said }),
        }
    }

    async fn ask(&self, request: StoreRequest) -> Seen<Heard<StoreReply>> {
        let account = self.run.account(&self.at, &self.journal).await?;
        match self.run.placed(&self.journal, &account).await? {
            Ok(place) => self.ask_remembering(&account, &place, &request).await,
            Err(why) => Ok(Err(nowhere(&account, why))),
        }
    }

    async fn ask_signed(&self, request: StoreRequest, version: &SignatureVersion) -> Seen<Heard<StoreReply>> {
        let account = self.run.account(&self.at, &self.journal).await?;
        let region = match version {
            SignatureVersion::V1 => None,
            SignatureVersion::V4 { region } => region.clone(),
        };
        match account.place.clone() {
            Ok(place) => self.ask_remembering(&account, &Place { region, ..place }, &request).await,
            Err(why) => Ok(Err(nowhere(&account, why))),
        }
    }

    async fn clients(&self) -> Seen<Clients> {
        let account = self.run.account(&self.at, &self.journal).await?;
        clients::of(&self.run, &account, &self.journal).await
    }

    async fn by_hadoop(&self, connection: &str) -> Seen<HadoopRun> {
        let account = self.run.account(&self.at, &self.journal).await?;
        self.keeps_no_versions(&account).await?;
        hadoop::run(&self.run, &account, connection, &self.journal).await
    }
}

impl LiveStore {
    /// What Hadoop writes can be removed whole. In a bucket that keeps versions nobody tells which ones it made.
    async fn keeps_no_versions(&self, account: &Account) -> Seen<()> {
        let name = "before-hadoop.txt".to_owned();
        let put = StoreRequest::Put { name: name.clone(), body: "ackcheck hadoop-read-write".to_owned() };
        let written = self.ask(put).await?;
        // What stays, clean-up removes.
        let _ = self.ask(StoreRequest::Delete { name }).await?;
        match written {
            Ok(reply) if reply.version_id.is_some() => Err(Unseen::not_described(format!(
                "{} keeps every version of an object, so that what Hadoop writes there could not be removed",
                account.target.bucket
            ))),
            _ => Ok(()),
        }
    }

    /// Asks, and keeps in mind what becomes of objects and uploads, for clean-up. A request that changes something is seen
    /// through when the case that asked is dropped: what it began would come about unseen.
    async fn ask_remembering(
        &self,
        account: &Account,
        place: &Place,
        request: &StoreRequest,
    ) -> Seen<Heard<StoreReply>> {
        let key_of = |name: &str| self.run.key(&account.target, name);
        let (key, source) = (request.name().map(key_of), request.source().map(key_of));
        let Some(key) = key.filter(|_| request.changes()) else {
            let name = request.name().map(key_of);
            let about = About { key: name.as_deref(), ..About::default() };
            return self.run.ask_at(&self.journal, account, place, request, about).await;
        };
        self.run.expect(&account.target, &key, request);
        let (run, journal) = (self.run.clone(), self.journal.clone());
        let (account, place, request) = (account.clone(), place.clone(), request.clone());
        let asking = self.run.under_way.spawn(async move {
            let about = About { key: Some(&key), source: source.as_deref(), version: None };
            let heard = run.ask_at(&journal, &account, &place, &request, about).await?;
            run.take_in(&account.target, &key, &request, &heard);
            Ok(heard)
        });
        asking.await.map_err(|error| Broken::Internal(error.to_string()))?
    }
}
