//! A request whose signature holds: its parts, and whether policies allow it.

use std::sync::MutexGuard;

use base64::Engine as _;
use bytes::Bytes;
use http::Method;
use md5::{Digest as _, Md5};
use percent_encoding::percent_decode_str;

use super::canonical::SignedRequest;
use super::objects::{Content, Contents};
use super::verify::Key;
use super::words::{AccessDenied, OssError};
use super::world::{DoesWrong, Refuses};
use super::{Bucket, Oss, obstacle};
use crate::http::FROM_NODE;
use crate::policy::{self, Decision};
use ackcheck_core::sync::locked;

/// Headers of a put that are sent back with the object.
const KEPT: [&str; 5] = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

/// A request whose signature holds.
pub(super) struct Call<'a> {
    pub(super) oss: &'a Oss,
    /// The key it is signed with; none where it is not signed.
    pub(super) key: Option<&'a Key>,
    pub(super) request: &'a SignedRequest,
    pub(super) body: &'a Bytes,
}

/// What a bucket holds.
pub(super) fn lock(bucket: &Bucket) -> MutexGuard<'_, Contents> {
    locked(&bucket.contents)
}

impl Call<'_> {
    /// Whether the query has a parameter.
    pub(super) fn has(&self, parameter: &str) -> bool {
        self.request.parameter(parameter).is_some()
    }

    /// Checks that policies allow the action to this key on what the request is about.
    pub(super) fn allowed(&self, bucket: Option<&Bucket>, action: &str) -> Result<(), OssError> {
        self.allowed_on(bucket, action, &self.request.resource)
    }

    /// Checks that policies allow the action on `/bucket/key`: the bucket's, which can forbid, and RAM's, which must allow.
    pub(super) fn allowed_on(&self, bucket: Option<&Bucket>, action: &str, resource: &str) -> Result<(), OssError> {
        let Some(key) = self.key else {
            let message = "Anonymous access is forbidden for this operation.";
            return Err(OssError::new(403, "AccessDenied", message).ec("0003-00000001"));
        };
        let denial = |explicit, policy_type| {
            let (principal, owner) = (key.user.clone(), self.oss.account.clone());
            Some(Box::new(AccessDenied { action: action.to_owned(), explicit, policy_type, principal, owner }))
        };
        let meant = |pattern: &String| pattern == action || pattern == "oss:*" || pattern == "*";
        let from = self.request.header(FROM_NODE);
        let shut_out = |bucket: &Bucket| {
            let shut = |node: &String| from.is_some_and(|from| node == "*" || node == from);
            bucket.world.policy_denies.iter().any(meant) || bucket.world.policy_denies_from.iter().any(shut)
        };
        if bucket.is_some_and(shut_out) {
            let mut error = OssError::new(403, "AccessDenied", "Access denied by bucket policy.");
            error.denial = denial(true, "ResourceBasedPolicy");
            return Err(error);
        }
        let decision = self.decision(key, action, resource);
        if decision == Decision::Forbidden || decision == Decision::NotAllowed || key.denied.iter().any(meant) {
            let explicit = decision == Decision::Forbidden;
            // The real one speaks of the bucket's policy where a policy of RAM denies.
            let (message, ec) = match explicit {
                true => ("Access denied by bucket policy.", "0003-00000201"),
                false => ("You have no right to access this object because of bucket acl.", "0003-00000001"),
            };
            let mut error = OssError::new(403, "AccessDenied", message).ec(ec);
            error.denial = denial(explicit, "AccountLevelIdentityBasedPolicy");
            return Err(error);
        }
        Ok(())
    }

    /// What the policies of the key say.
    fn decision(&self, key: &Key, action: &str, resource: &str) -> Decision {
        let Some(policies) = &key.policies else { return Decision::Allowed };
        let (bucket, object) = resource[1..].split_once('/').unwrap_or_default();
        let object = if object.is_empty() { String::new() } else { format!("/{object}") };
        let resource = format!("acs:oss:*:{}:{bucket}{object}", self.oss.account);
        let context = |name: &str| match name {
            "oss:Prefix" => Some(self.request.parameter("prefix").unwrap_or_default().to_owned()),
            "oss:Delimiter" => Some(self.request.parameter("delimiter").unwrap_or_default().to_owned()),
            _ => None,
        };
        policy::decide(policies, action, &resource, &context)
    }

    /// The request's body as the content of an object, if it is what its digest says.
    pub(super) fn content(&self) -> Result<Content, OssError> {
        self.whole()?;
        let metadata = self.request.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str();
            let keep = name.starts_with("x-oss-meta-") || KEPT.contains(&name);
            keep.then(|| (name.to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        });
        Ok(Content::new(self.body.clone(), self.request.header("content-type"), metadata.collect()))
    }

    /// `Content-MD5`, where there is one, is that of the body.
    pub(super) fn whole(&self) -> Result<(), OssError> {
        let right = base64::engine::general_purpose::STANDARD.encode(Md5::digest(self.body));
        match self.request.header("content-md5") {
            Some(given) if given != right => {
                Err(OssError::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid."))
            }
            _ => Ok(()),
        }
    }

    /// Refuses to change an object that exists where a retention policy, or the request itself, forbids it.
    pub(super) fn mutable(&self, bucket: &Bucket, key: &str) -> Result<(), OssError> {
        let there = lock(bucket).get(key, None).is_ok();
        if bucket.world.retention && there {
            return Err(OssError::new(409, "FileImmutable", "The object you specified is immutable."));
        }
        let keep = bucket.world.refuses == Some(Refuses::Overwrite)
            || self.request.header("x-oss-forbid-overwrite") == Some("true");
        if there && keep && self.request.method == Method::PUT {
            let message = "The object you specified already exists and can not be overwritten.";
            return Err(OssError::new(409, "FileAlreadyExists", message));
        }
        Ok(())
    }

    /// It asks for a copy, and what serves the bucket knows of copies.
    pub(super) fn copies(&self, bucket: &Bucket) -> bool {
        let knows = bucket.world.does_wrong != Some(DoesWrong::EmptyCopies);
        knows && self.request.header("x-oss-copy-source").is_some()
    }

    /// The object that `x-oss-copy-source` names: `/bucket/key`, the key percent-encoded.
    pub(super) fn source(&self) -> Result<Content, OssError> {
        let source = self.request.header("x-oss-copy-source").unwrap_or_default();
        let (path, version) = match source.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version)),
            None => (source, None),
        };
        let path = percent_decode_str(path).decode_utf8_lossy();
        let parts = path.strip_prefix('/').unwrap_or(&path).split_once('/');
        let (name, key) =
            parts.ok_or_else(|| OssError::invalid_argument("Copy Source must mention the source bucket and key."))?;
        let bucket = self.oss.buckets.get(name).ok_or_else(|| OssError::no_such_bucket(name))?;
        // The request is about the object that it makes.
        self.allowed_on(Some(bucket), "oss:GetObject", &format!("/{name}/{key}"))?;
        obstacle::readable(bucket)?;
        let contents = lock(bucket);
        let (_, content) = contents.get(key, version)?;
        Ok(content.clone())
    }

    /// A key as the answer shows it: percent-encoded where the request says `encoding-type=url`.
    pub(super) fn shown(&self, key: &str) -> String {
        match self.request.parameter("encoding-type") {
            Some("url") => percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC).to_string(),
            _ => key.to_owned(),
        }
    }

    /// The body, parsed as XML.
    pub(super) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, OssError> {
        let text = std::str::from_utf8(self.body).map_err(|_| malformed())?;
        quick_xml::de::from_str(text).map_err(|_| malformed())
    }
}

/// The body is not the XML that the operation takes.
pub(super) fn malformed() -> OssError {
    OssError::new(400, "MalformedXML", "The XML you provided was not well-formed.")
}
