//! The cloud account: the ECS metadata service and the OpenAPI of ecs, vpc, cs and sts, on their hosts.

mod account;
mod acls;
mod clusters;
mod compute;
mod identity;
pub(crate) mod metadata;
mod network;
pub(crate) mod passage;
mod paths;
mod signature;
mod words;
mod world;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::http::{Request, Response, response};
use super::policy::{self, Decision};
use super::service::Service;
use super::world::World;
use account::Account;
use ackcheck_core::sync::locked;
use signature::{KnownKey, Parameters, Verifier};
use words::Refusal;

/// What a product answers: the body without its request id.
type Answer = Result<Value, Refusal>;

/// The cloud account.
pub(crate) struct Cloud {
    account: Account,
    verifier: Verifier,
    metadata: metadata::Metadata,
    /// Calls that are still to be throttled, by action.
    throttles: Mutex<HashMap<String, u32>>,
    requests: AtomicU64,
}

/// Products of the OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Product {
    Ecs,
    Vpc,
    Cs,
    Sts,
}

impl Product {
    const ALL: [(&'static str, Product); 4] =
        [("ecs", Product::Ecs), ("vpc", Product::Vpc), ("cs", Product::Cs), ("sts", Product::Sts)];

    fn name(self) -> &'static str {
        Product::ALL.iter().find(|(_, product)| *product == self).map_or("", |(name, _)| name)
    }

    fn version(self) -> &'static str {
        match self {
            Product::Ecs => "2014-05-26",
            Product::Vpc => "2016-04-28",
            Product::Cs => "2015-12-15",
            Product::Sts => "2015-04-01",
        }
    }
}

/// The product and the region a host name stands for: `ecs-vpc.cn-shanghai.aliyuncs.com`, `ecs-cn-hangzhou.aliyuncs.com`,
/// `vpc.aliyuncs.com` (which is Hangzhou's).
fn endpoint(host: &str) -> Option<(Product, &str)> {
    let name = host.strip_suffix(".aliyuncs.com")?;
    let (label, region) = match name.split_once('.') {
        Some((label, region)) => (label, Some(region)),
        None => (name, None),
    };
    if region.is_some_and(|region| region.contains('.')) {
        return None;
    }
    for (product_name, product) in Product::ALL {
        match (label.strip_prefix(product_name), region) {
            (Some("" | "-vpc"), Some(region)) => return Some((product, region)),
            (Some(""), None) => return Some((product, "cn-hangzhou")),
            (Some(rest), None) if rest.starts_with("-cn-") => return Some((product, &rest[1..])),
            _ => {}
        }
    }
    None
}

impl Cloud {
    /// The account that the world describes.
    pub(crate) fn new(world: &World) -> anyhow::Result<Cloud> {
        let account = Account::of(world)?;
        let mut keys = vec![KnownKey {
            id: account.key.id.clone(),
            secret: account.key.secret.clone(),
            token: None,
            active: !account.inactive_keys.contains(&account.key.id),
        }];
        keys.extend(account.metadata.role.as_ref().map(|role| KnownKey {
            id: role.key_id.clone(),
            secret: role.secret.clone(),
            token: Some(role.token.clone()),
            active: !account.inactive_keys.contains(&role.key_id),
        }));
        let throttles = account.throttled.iter().map(|throttled| (throttled.action.clone(), throttled.times)).collect();
        Ok(Cloud {
            verifier: Verifier::new(keys),
            metadata: metadata::Metadata::of(&account)?,
            throttles: Mutex::new(throttles),
            requests: AtomicU64::new(1),
            account,
        })
    }

    fn call(&self, product: Product, region: &str, host: &str, request: &Request) -> Answer {
        let mut call = self.verifier.verify(host, request, jiff::Timestamp::now())?;
        if call.version != product.version() {
            let message = "Specified parameter Version is not valid.";
            return Err(Refusal::new(400, "InvalidVersion", message));
        }
        if product == Product::Cs {
            call.action = clusters::action(request)?;
        }
        let action = format!("{}:{}", product.name(), call.action);
        if self.account.denied.contains(&action) || !self.allowed(&action, product, region, request) {
            return Err(Refusal::denied(&action));
        }
        self.throttle(&action)?;
        if let Some(other) = call.parameters.get("RegionId").filter(|named| *named != region) {
            let message = format!("The specified endpoint cannot operate this region {other}.");
            return Err(Refusal::new(404, "InvalidOperation.NotSupportedEndpoint", message));
        }
        let caller = Caller { account: &self.account, region, parameters: &call.parameters };
        match product {
            Product::Ecs => compute::answer(&call.action, &caller),
            Product::Vpc => network::answer(&call.action, &caller),
            Product::Cs => clusters::answer(request, &caller),
            Product::Sts => identity::answer(&self.account, &call),
        }
    }

    /// Whether the policies allow it. Of ACK the resource is the cluster; elsewhere it is everything.
    fn allowed(&self, action: &str, product: Product, region: &str, request: &Request) -> bool {
        let Some(policies) = &self.account.policies else { return true };
        let what = match (product, request.uri().path().split('/').nth(2)) {
            (Product::Cs, Some(cluster)) => format!("cluster/{cluster}"),
            _ => "*".to_owned(),
        };
        let resource = format!("acs:{}:{region}:{}:{what}", product.name(), self.account.id);
        policy::decide(policies, action, &resource, &|_| None) == Decision::Allowed
    }

    fn throttle(&self, action: &str) -> Result<(), Refusal> {
        let mut throttles = locked(&self.throttles);
        let Some(left) = throttles.get_mut(action).filter(|left| **left > 0) else { return Ok(()) };
        *left -= 1;
        let entry = self.account.throttled.iter().find(|throttled| throttled.action == action);
        Err(Refusal::throttled(entry.map_or(1000, |throttled| throttled.retry_after)))
    }
}

/// A verified call, as the products see it.
struct Caller<'a> {
    account: &'a Account,
    region: &'a str,
    parameters: &'a Parameters,
}

impl Caller<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn must(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::missing(name))
    }

    /// A list given as a JSON array in one parameter.
    fn json_list(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let list = serde_json::from_str(text).map_err(|_| {
            Refusal::new(400, &format!("Invalid{name}.Malformed"), format!("The specified {name} is malformed."))
        })?;
        Ok(Some(list))
    }

    /// A list given as `Name.1`, `Name.2`, …
    fn numbered(&self, name: &str) -> Vec<String> {
        (1..=100).map_while(|at| self.get(&format!("{name}.{at}")).map(str::to_owned)).collect()
    }

    /// Small, so that every list has pages; larger for a lab of many nodes, so that none has more than nine.
    fn page_size(&self, entries: usize) -> usize {
        self.account.page_size.max(entries / 8)
    }

    /// The page that `NextToken` opens, and the token of the next one.
    fn page<'b, T>(&self, all: &'b [T], most: &str) -> Result<(&'b [T], String), Refusal> {
        let wanted = self.get(most).and_then(|most| most.parse().ok()).unwrap_or(usize::MAX);
        let size = self.page_size(all.len()).min(wanted).max(1);
        let start = match self.get("NextToken") {
            None => 0,
            Some(token) => {
                token.strip_prefix("lab-page-").and_then(|at| at.parse().ok()).filter(|at| *at < all.len()).ok_or_else(
                    || Refusal::new(400, "InvalidParameter.NextToken", "The specified NextToken is not valid."),
                )?
            }
        };
        let end = (start + size).min(all.len());
        let next = if end < all.len() { format!("lab-page-{end}") } else { String::new() };
        Ok((&all[start..end], next))
    }

    /// The page that `PageNumber` (from 1) names, with its number and size.
    fn numbered_page<'b, T>(&self, all: &'b [T], number: &str, size: &str) -> (&'b [T], usize, usize) {
        let positive = |name| self.get(name).and_then(|value| value.parse::<usize>().ok()).filter(|value| *value > 0);
        let size = self.page_size(all.len()).min(positive(size).unwrap_or(10));
        let number = positive(number).unwrap_or(1);
        let start = (number - 1).saturating_mul(size).min(all.len());
        (&all[start..(start + size).min(all.len())], number, size)
    }
}

fn unknown_action() -> Refusal {
    let message = "Specified api is not found, please check your url and method.";
    Refusal::new(404, "InvalidAction.NotFound", message)
}

#[async_trait]
impl Service for Cloud {
    fn serves(&self, host: &str) -> bool {
        metadata::serves(host) || endpoint(host).is_some()
    }

    async fn answer(&self, host: &str, request: Request) -> Response {
        let Some((product, region)) = endpoint(host) else { return self.metadata.answer(&request) };
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("0A1B2C3D-0000-4000-8000-{number:012X}");
        let roa = product == Product::Cs;
        match self.call(product, region, host, &request) {
            Ok(mut body) => {
                if let (Value::Object(body), false) = (&mut body, roa) {
                    body.insert("RequestId".to_owned(), json!(request_id));
                }
                response(200, "application/json;charset=utf-8", body.to_string())
            }
            Err(refusal) => refusal.answer(host, &request_id, roa),
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
