//! All a check may know besides the seat it judges from: the site, the time, its deadline, and a second seat where its
//! claim is about two vantages.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;

use crate::config::Config;
use crate::evidence::Journal;
use crate::place::Vantage;
use crate::seat::{Cloud, Cluster, Dss, Host, Seats, Seen};
use crate::sync::locked;
use crate::verdict::Broken;

/// What the cases of one run made once and share, by its type.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<HashMap<TypeId, Arc<Cell>>>>);

type Cell = OnceCell<Arc<dyn Any + Send + Sync>>;

/// What one case of a check is given.
#[derive(Clone)]
pub struct Context {
    config: Arc<Config>,
    now: jiff::Timestamp,
    until: Instant,
    seats: Arc<dyn Seats>,
    journal: Journal,
    shared: Shared,
}

impl Context {
    /// The seats that a check can open besides the one it judges from; it can use their operations too.
    pub const SECOND_SEATS: [Vantage; 4] = [Vantage::Host, Vantage::Dss, Vantage::Cluster, Vantage::Cloud];

    /// A context for a case that starts `now`, must end at `until`, and writes its evidence to `journal`.
    pub fn new(
        config: Arc<Config>,
        now: jiff::Timestamp,
        until: Instant,
        seats: Arc<dyn Seats>,
        journal: Journal,
    ) -> Context {
        Context { config, now, until, seats, journal, shared: Shared::default() }
    }

    /// The same, sharing with the other cases of its run.
    pub fn sharing(self, shared: Shared) -> Context {
        Context { shared, ..self }
    }

    /// What all cases of a run need alike, asked by the first of them: thousands of nodes do not ask again, nor write the
    /// same long answers down. What is made of the answers has a type of its own, by which it is known. A case that asks
    /// and cannot know leaves the asking to the next.
    ///
    /// # Errors
    /// As `asked`.
    pub async fn once<T: Send + Sync + 'static>(
        &self,
        from: Vantage,
        what: &str,
        asked: impl Future<Output = Seen<T>>,
    ) -> Seen<Arc<T>> {
        let cell = locked(&self.shared.0).entry(TypeId::of::<T>()).or_default().clone();
        let mut first = false;
        let made = cell.get_or_try_init(|| async {
            first = true;
            asked.await.map(|made| Arc::new(made) as Arc<dyn Any + Send + Sync>)
        });
        let made = made.await?.clone();
        if !first {
            self.journal.note(from, what, "as another case of this run asked", Duration::ZERO);
        }
        made.downcast().map_err(|_| Broken::Internal(format!("{what} is shared as something else")).into())
    }

    /// The deployment as its owner describes it.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The time when the case started.
    pub fn now(&self) -> jiff::Timestamp {
        self.now
    }

    /// The time left to this case.
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// The region of the deployment, where the site says: `cn-hangzhou`.
    pub fn region(&self) -> Option<&str> {
        self.config.cloud.as_ref().and_then(|cloud| cloud.region.as_deref())
    }

    /// The DSS host, for a check that judges from elsewhere and needs to know of it.
    ///
    /// # Errors
    /// As [`Seats::host`].
    pub fn host(&self) -> Seen<Box<dyn Host>> {
        self.seats.host(self.journal.clone())
    }

    /// DSS itself, for a check that judges from elsewhere and needs to know of it.
    ///
    /// # Errors
    /// As [`Seats::dss`].
    pub fn dss(&self) -> Seen<Box<dyn Dss>> {
        self.seats.dss(self.journal.clone())
    }

    /// The Kubernetes API, for a check that judges from elsewhere and needs to know of it.
    ///
    /// # Errors
    /// As [`Seats::cluster`].
    pub fn cluster(&self) -> Seen<Box<dyn Cluster>> {
        self.seats.cluster(self.journal.clone())
    }

    /// The OpenAPI and the metadata, for a check that judges from elsewhere and needs to know of them.
    ///
    /// # Errors
    /// As [`Seats::cloud`].
    pub fn cloud(&self) -> Seen<Box<dyn Cloud>> {
        self.seats.cloud(self.journal.clone())
    }
}
