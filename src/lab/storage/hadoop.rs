//! What Hadoop would hear in the deployment's bucket, for the lab's Java: its requests one after the other, as this OSS
//! answers them to the deployment's key.

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Method};
use md5::{Digest as _, Md5};

use base64::Engine as _;

use super::canonical::SignedRequest;
use super::words::OssError;
use super::{Bucket, Oss, obstacle, operation};
use crate::world::World;

/// The steps of Hadoop that send something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// While it is opened, where the settings name an ACL.
    Acl,
    Mkdir,
    Write,
    List,
    Read,
    Rename,
    Delete,
}

/// The first request that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) step: Step,
    /// While it looked whether the folders above are there.
    pub(crate) above: bool,
    /// The text of the SDK's exception.
    pub(crate) said: String,
}

/// The key that Hadoop must bring, and what it hears.
pub(crate) struct Heard {
    pub(crate) key_id: String,
    pub(crate) key_secret: String,
    pub(crate) acl: Option<Refusal>,
    pub(crate) rest: Option<Refusal>,
}

/// Asks as Hadoop does, in a folder below the bucket's prefix.
///
/// # Errors
/// Where the world is not whole.
pub(crate) fn heard(world: &World) -> anyhow::Result<Heard> {
    let (oss, deployment) = (Oss::new(world)?, world.deployment()?);
    let key = oss.keys.first().context("the lab has no key")?;
    let (key_id, key_secret) = (key.id.clone(), key.secret.clone());
    let name = deployment.bucket.name;
    let root = world.value("/deployment/bucket/prefix")?.as_str().context("the prefix is not a text")?.to_owned();
    let asks = Asks { oss: &oss, name: &name, root: &root };
    Ok(Heard { acl: asks.acl(), rest: asks.rest(), key_id, key_secret })
}

struct Asks<'a> {
    oss: &'a Oss,
    name: &'a str,
    root: &'a str,
}

impl Asks<'_> {
    fn acl(&self) -> Option<Refusal> {
        self.ask(Step::Acl, &Method::PUT, None, &[("acl", "")], &[], "")
    }

    /// Up to the first refusal.
    fn rest(&self) -> Option<Refusal> {
        let folder = format!("{}/.ackcheck-lab/1-hadoop", self.root);
        let (written, renamed) = (format!("{folder}/written"), format!("{folder}/renamed"));
        let list = |step, prefix: &str| {
            self.ask(step, &Method::GET, None, &[("prefix", &format!("{prefix}/")), ("delimiter", "/")], &[], "")
        };
        let delete = format!("<Delete><Quiet>true</Quiet><Object><Key>{renamed}</Key></Object></Delete>");
        let digest = base64::engine::general_purpose::STANDARD.encode(Md5::digest(&delete));
        let source = format!("/{}/{written}", self.name);
        list(Step::Mkdir, &folder)
            .or_else(|| self.above(&folder))
            .or_else(|| self.ask(Step::Mkdir, &Method::PUT, Some(&format!("{folder}/")), &[], &[], ""))
            .or_else(|| self.ask(Step::Write, &Method::PUT, Some(&written), &[], &[], "written"))
            .or_else(|| list(Step::List, &folder))
            .or_else(|| self.ask(Step::Read, &Method::GET, Some(&written), &[], &[], ""))
            .or_else(|| {
                self.ask(Step::Rename, &Method::PUT, Some(&renamed), &[], &[("x-oss-copy-source", &source)], "")
            })
            .or_else(|| self.ask(Step::Rename, &Method::DELETE, Some(&written), &[], &[], ""))
            .or_else(|| {
                self.ask(Step::Delete, &Method::POST, None, &[("delete", "")], &[("content-md5", &digest)], &delete)
            })
    }

    /// Lists the folders above, up to the first that is there.
    fn above(&self, folder: &str) -> Option<Refusal> {
        let mut at = folder;
        while let Some((parent, _)) = at.rsplit_once('/') {
            let prefix = format!("{parent}/");
            let refused =
                self.ask(Step::Mkdir, &Method::GET, None, &[("prefix", &prefix), ("delimiter", "/")], &[], "");
            if let Some(refused) = refused {
                return Some(Refusal { above: true, ..refused });
            }
            let objects = self.oss.buckets.get(self.name).map(|bucket| &bucket.world.objects);
            if objects.is_some_and(|objects| objects.iter().any(|key| key.starts_with(&prefix))) {
                return None;
            }
            at = parent;
        }
        None
    }

    fn ask(
        &self,
        step: Step,
        method: &Method,
        key: Option<&str>,
        query: &[(&str, &str)],
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Option<Refusal> {
        let refusal = |said| Some(Refusal { step, above: false, said });
        let bucket = match self.oss.bucket(self.name, None) {
            Ok(bucket) => bucket,
            Err(error) => return refusal(told(&error)),
        };
        if bucket.world.post_blocked && *method == Method::POST {
            // The appliance's page, which the SDK cannot read.
            return refusal(
                "Failed to parse the response result. [ErrorCode]: InvalidResponse [RequestId]: null".to_owned(),
            );
        }
        let mut map = HeaderMap::new();
        map.extend(
            headers.iter().filter_map(|(name, value)| Some((http::HeaderName::from_static(name), value.parse().ok()?))),
        );
        let request = SignedRequest {
            method: method.clone(),
            headers: map,
            resource: format!("/{}/{}", self.name, key.unwrap_or_default()),
            query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        };
        self.perform(bucket, key, &request, body).err().and_then(|error| refusal(told(&error)))
    }

    fn perform(&self, bucket: &Bucket, key: Option<&str>, request: &SignedRequest, body: &str) -> Result<(), OssError> {
        if bucket.world.v1_refused {
            return Err(OssError::invalid_argument("Signature version 1 is not supported for this bucket."));
        }
        obstacle::pass(bucket, key, request, false)?;
        let body = Bytes::copy_from_slice(body.as_bytes());
        operation::perform(self.oss, self.oss.keys.first(), Some(bucket), key, request, &body).map(|_| ())
    }
}

/// As the SDK's exception has it.
fn told(error: &OssError) -> String {
    let OssError { code, message, .. } = error;
    let action = error.denial.as_ref().map(|denial| format!("<AuthAction>{}</AuthAction>", denial.action));
    let detail = action.map(|action| format!("<AccessDeniedDetail>{action}</AccessDeniedDetail>")).unwrap_or_default();
    format!(
        "{message} [ErrorCode]: {code} [RequestId]: 656000000000000000000001 [HostId]: the lab's [ResponseError]: \
         <Error><Code>{code}</Code><Message>{message}</Message>{detail}</Error>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::fault::Fault;

    fn refused(faults: &[Fault]) -> (Option<Step>, Option<(Step, bool)>) {
        let mut world = World::healthy().unwrap();
        faults.iter().for_each(|fault| world.apply(fault).unwrap());
        let heard = heard(&world).unwrap();
        (heard.acl.map(|refusal| refusal.step), heard.rest.map(|refusal| (refusal.step, refusal.above)))
    }

    #[test]
    fn the_first_request_that_is_refused_is_told() {
        let without = |action| [Fault::Add("/storage/key/denied", action)];
        assert_eq!(refused(&[]), (None, None));
        assert_eq!(refused(&without("\"oss:PutBucketAcl\"")), (Some(Step::Acl), None));
        assert_eq!(refused(&without("\"oss:ListObjects\"")), (None, Some((Step::Mkdir, false))));
        assert_eq!(refused(&without("\"oss:PutObject\"")), (None, Some((Step::Mkdir, false))));
        assert_eq!(refused(&without("\"oss:GetObject\"")), (None, Some((Step::Read, false))));
        assert_eq!(refused(&without("\"oss:DeleteObject\"")), (None, Some((Step::Rename, false))));
        assert_eq!(refused(&[Fault::Set("/storage/bucket/post_blocked", "true")]), (None, Some((Step::Delete, false))));
        let below = r#"[{"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["oss:*"], "Resource": ["*"],
            "Condition": {"StringLike": {"oss:Prefix": ["dss/managed/*"]}}}]}]"#;
        let below = Fault::Set("/storage/key/policies", below);
        assert_eq!(refused(&[below]).1, Some((Step::Mkdir, true)));
    }
}
