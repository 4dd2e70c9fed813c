//! The region that a signature of version 4 is for: the endpoint's, or the bucket's where the endpoint has none.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::StoreRun;
use super::request::About;
use super::sign::Place;
use super::targets::Account;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::store::{EndpointKind, StoreRequest};
use ackcheck_core::sync::locked;

/// The regions of buckets that are reached by transfer acceleration, by name; none where OSS did not say.
#[derive(Default)]
pub(super) struct Regions(Mutex<BTreeMap<String, Option<String>>>);

impl StoreRun {
    /// Where requests of this account go. An acceleration endpoint serves buckets of every region and takes version 4 for
    /// the bucket's own alone, which only OSS knows: it is asked once, with version 1, which names no region.
    pub(super) async fn placed(&self, journal: &Journal, account: &Account) -> Seen<Result<Place, String>> {
        let mut place = match &account.place {
            Ok(place) => place.clone(),
            Err(why) => return Ok(Err(why.clone())),
        };
        if place.endpoint.kind() != EndpointKind::Acceleration {
            return Ok(Ok(place));
        }
        let known = locked(&self.regions.0).get(&place.bucket).cloned();
        let region = match known {
            Some(region) => region,
            None => {
                let v1 = Place { region: None, ..place.clone() };
                let heard = self.ask_at(journal, account, &v1, &StoreRequest::BucketInfo, About::default()).await?;
                let location = heard.ok().and_then(|reply| reply.location);
                let region = location.map(|it| it.strip_prefix("oss-").unwrap_or(&it).to_owned());
                locked(&self.regions.0).insert(place.bucket.clone(), region.clone());
                region
            }
        };
        place.region = region.or(place.region);
        Ok(Ok(place))
    }
}
