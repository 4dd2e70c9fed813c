//! What a request asks for, whether policies let it, and its doing.

use std::sync::MutexGuard;

use base64::Engine as _;
use bytes::Bytes;
use http::Method;
use md5::{Digest as _, Md5};
use percent_encoding::percent_decode_str;

use super::answer::{self, empty, with, with_version, xml};
use super::canonical::Asked;
use super::error::{Denial, OssError};
use super::objects::{Content, Contents};
use super::verify::Key;
use super::xml::{DeleteBody, Xml};
use super::{Bucket, Oss, listing};
use crate::gateway::FROM_NODE;
use crate::gateway::Response;
use crate::policy::{self, Decision};

/// Headers of a put that come back with the object.
const KEPT: [&str; 5] = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

/// A request that is who it says it is.
pub(super) struct Call<'a> {
    pub(super) oss: &'a Oss,
    key: Option<&'a Key>,
    pub(super) asked: &'a Asked,
    pub(super) body: &'a Bytes,
}

/// Does what is asked, if it may be.
pub(super) fn perform(
    oss: &Oss,
    key: Option<&Key>,
    bucket: Option<&Bucket>,
    object: Option<&str>,
    asked: &Asked,
    body: &Bytes,
) -> Result<Response, OssError> {
    let call = Call { oss, key, asked, body };
    match (bucket, object) {
        (None, _) => call.service(),
        (Some(bucket), None) => call.bucket(bucket),
        (Some(bucket), Some(object)) => {
            if object.len() > 1023 || object.starts_with('\\') {
                let error = OssError::new(400, "InvalidObjectName", "The specified object is not valid.");
                return Err(error.with("ObjectName", object));
            }
            call.object(bucket, object)
        }
    }
}

pub(super) fn lock(bucket: &Bucket) -> MutexGuard<'_, Contents> {
    bucket.contents.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Call<'_> {
    fn has(&self, parameter: &str) -> bool {
        self.asked.parameter(parameter).is_some()
    }

    /// Whether policies let this key do it: the bucket's, which can forbid, and RAM's, which must allow.
    pub(super) fn may(&self, bucket: Option<&Bucket>, action: &str) -> Result<(), OssError> {
        let Some(key) = self.key else {
            let message = "Anonymous access is forbidden for this operation.";
            return Err(OssError::new(403, "AccessDenied", message).ec("0003-00000001"));
        };
        let denial = |explicit, policy_type| {
            let (principal, owner) = (key.user.clone(), self.oss.account.clone());
            Some(Box::new(Denial { action: action.to_owned(), explicit, policy_type, principal, owner }))
        };
        let meant = |pattern: &String| pattern == action || pattern == "oss:*" || pattern == "*";
        let from = self.asked.header(FROM_NODE);
        let shut_out = |bucket: &Bucket| {
            let shut = |node: &String| from.is_some_and(|from| node == "*" || node == from);
            bucket.world.policy_denies.iter().any(meant) || bucket.world.policy_denies_from.iter().any(shut)
        };
        if bucket.is_some_and(shut_out) {
            let mut error = OssError::new(403, "AccessDenied", "Access denied by bucket policy.").ec("0003-00000202");
            error.denial = denial(true, "ResourceBasedPolicy");
            return Err(error);
        }
        let decision = self.decision(key, action);
        if decision == Decision::Forbidden || decision == Decision::NotAllowed || key.denied.iter().any(meant) {
            let message = "You have no right to access this object because of bucket acl.";
            let mut error = OssError::new(403, "AccessDenied", message).ec("0003-00000001");
            error.denial = denial(decision == Decision::Forbidden, "AccountLevelIdentityBasedPolicy");
            return Err(error);
        }
        Ok(())
    }

    /// What the policies of the key say.
    fn decision(&self, key: &Key, action: &str) -> Decision {
        let Some(policies) = &key.policies else { return Decision::Allowed };
        let (bucket, object) = self.asked.resource[1..].split_once('/').unwrap_or_default();
        let object = if object.is_empty() { String::new() } else { format!("/{object}") };
        let resource = format!("acs:oss:*:{}:{bucket}{object}", self.oss.account);
        let context = |name: &str| match name {
            "oss:Prefix" => Some(self.asked.parameter("prefix").unwrap_or_default().to_owned()),
            "oss:Delimiter" => Some(self.asked.parameter("delimiter").unwrap_or_default().to_owned()),
            _ => None,
        };
        policy::decide(policies, action, &resource, &context)
    }

    fn service(&self) -> Result<Response, OssError> {
        if self.asked.method != Method::GET {
            return Err(OssError::new(
                405,
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            ));
        }
        if let Some(wanted) = self.asked.parameter("regions") {
            self.may(None, "oss:DescribeRegions")?;
            return Ok(answer::regions(self.oss, wanted));
        }
        self.may(None, "oss:ListBuckets")?;
        Ok(answer::buckets(self.oss, None))
    }

    fn bucket(&self, bucket: &Bucket) -> Result<Response, OssError> {
        match self.asked.method {
            Method::GET if self.has("bucketInfo") => {
                self.may(Some(bucket), "oss:GetBucketInfo")?;
                Ok(answer::bucket_info(self.oss, bucket))
            }
            Method::GET if self.has("location") => {
                self.may(Some(bucket), "oss:GetBucketLocation")?;
                Ok(answer::location(bucket))
            }
            Method::GET if self.has("acl") => {
                self.may(Some(bucket), "oss:GetBucketAcl")?;
                Ok(answer::acl(self.oss, "private"))
            }
            Method::GET if self.has("versioning") => {
                self.may(Some(bucket), "oss:GetBucketVersioning")?;
                let status = bucket.world.versioned.then_some("Enabled");
                Ok(xml(Xml::document("VersioningConfiguration", |xml| xml.text_if("Status", status))))
            }
            Method::GET if self.has("uploads") => {
                self.may(Some(bucket), "oss:ListMultipartUploads")?;
                Ok(self.uploads(bucket))
            }
            Method::POST if self.has("delete") => self.delete_several(bucket),
            Method::GET if !self.has("policy") && !self.has("lifecycle") && !self.has("versions") => {
                self.may(Some(bucket), "oss:ListObjects")?;
                Ok(xml(listing::list(&lock(bucket), self.asked, &bucket.name, &self.oss.account)?))
            }
            _ => Err(OssError::not_implemented()),
        }
    }

    fn object(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        let upload = self.asked.parameter("uploadId");
        match (&self.asked.method, upload) {
            (&Method::GET, Some(id)) => self.list_parts(bucket, key, id),
            (&Method::PUT, Some(id)) => self.put_part(bucket, key, id),
            (&Method::POST, Some(id)) => self.complete(bucket, key, id),
            (&Method::DELETE, Some(id)) => self.abort(bucket, key, id),
            (&Method::POST, None) if self.has("uploads") => self.initiate(bucket, key),
            (&Method::PUT, None) if self.asked.header("x-oss-copy-source").is_some() => self.copy(bucket, key),
            (&Method::PUT, None) if !self.has("acl") && !self.has("tagging") && !self.has("symlink") => {
                self.put(bucket, key)
            }
            (&Method::GET, None) if self.has("acl") => {
                self.may(Some(bucket), "oss:GetObjectAcl")?;
                lock(bucket).get(key, None)?;
                Ok(answer::acl(self.oss, "default"))
            }
            (&Method::GET | &Method::HEAD, None) => {
                self.may(Some(bucket), "oss:GetObject")?;
                let contents = lock(bucket);
                let (object, content) = contents.get(key, self.asked.parameter("versionId"))?;
                answer::object(self.asked, object, content)
            }
            (&Method::DELETE, None) => self.delete(bucket, key),
            _ => Err(OssError::not_implemented()),
        }
    }

    /// The request's body as the content of an object, if it is what its digest says.
    pub(super) fn content(&self) -> Result<Content, OssError> {
        self.whole()?;
        let metadata = self.asked.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str();
            let keep = name.starts_with("x-oss-meta-") || KEPT.contains(&name);
            keep.then(|| (name.to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        });
        Ok(Content::new(self.body.clone(), self.asked.header("content-type"), metadata.collect()))
    }

    /// `Content-MD5`, where there is one, is that of the body.
    pub(super) fn whole(&self) -> Result<(), OssError> {
        let right = base64::engine::general_purpose::STANDARD.encode(Md5::digest(self.body));
        match self.asked.header("content-md5") {
            Some(given) if given != right => {
                Err(OssError::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid."))
            }
            _ => Ok(()),
        }
    }

    /// A retention policy forbids to change what is there.
    pub(super) fn mutable(&self, bucket: &Bucket, key: &str) -> Result<(), OssError> {
        let there = lock(bucket).get(key, None).is_ok();
        if bucket.world.retention && there {
            return Err(OssError::new(409, "FileImmutable", "The object you specified is immutable."));
        }
        if there && self.asked.method == Method::PUT && self.asked.header("x-oss-forbid-overwrite") == Some("true") {
            let message = "The object you specified already exists and can not be overwritten.";
            return Err(OssError::new(409, "FileAlreadyExists", message));
        }
        Ok(())
    }

    fn put(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        self.may(Some(bucket), "oss:PutObject")?;
        self.mutable(bucket, key)?;
        let content = self.content()?;
        let (etag, crc64) = (content.etag.clone(), content.crc64);
        let version = lock(bucket).put(key, content, bucket.world.versioned, self.oss.now())?;
        let answer = with(empty(200), "etag", format!("\"{etag}\""));
        Ok(with_version(with(answer, "x-oss-hash-crc64ecma", crc64), &version))
    }

    /// The object that `x-oss-copy-source` names: `/bucket/key`, the key percent-encoded.
    pub(super) fn source(&self) -> Result<Content, OssError> {
        let source = self.asked.header("x-oss-copy-source").unwrap_or_default();
        let (path, version) = match source.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version)),
            None => (source, None),
        };
        let path = percent_decode_str(path).decode_utf8_lossy();
        let parts = path.strip_prefix('/').unwrap_or(&path).split_once('/');
        let (name, key) =
            parts.ok_or_else(|| OssError::invalid_argument("Copy Source must mention the source bucket and key."))?;
        let bucket = self.oss.buckets.get(name).ok_or_else(|| OssError::no_such_bucket(name))?;
        self.may(Some(bucket), "oss:GetObject")?;
        let contents = lock(bucket);
        let (_, content) = contents.get(key, version)?;
        Ok(content.clone())
    }

    fn copy(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        self.may(Some(bucket), "oss:PutObject")?;
        self.mutable(bucket, key)?;
        let source = self.source()?;
        let content = match self.asked.header("x-oss-metadata-directive") {
            Some("REPLACE") => Content { body: source.body, crc64: source.crc64, etag: source.etag, ..self.content()? },
            _ => source,
        };
        let (etag, crc64, now) = (content.etag.clone(), content.crc64, self.oss.now());
        let version = lock(bucket).put(key, content, bucket.world.versioned, now)?;
        let answer = with(answer::copied("CopyObjectResult", &etag, now), "etag", format!("\"{etag}\""));
        Ok(with_version(with(answer, "x-oss-hash-crc64ecma", crc64), &version))
    }

    fn delete(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        let version = self.asked.parameter("versionId");
        self.may(Some(bucket), if version.is_some() { "oss:DeleteObjectVersion" } else { "oss:DeleteObject" })?;
        self.mutable(bucket, key)?;
        let (version, marker) = lock(bucket).delete(key, version, bucket.world.versioned, self.oss.now());
        let answer = if marker { with(empty(204), "x-oss-delete-marker", "true") } else { empty(204) };
        Ok(with_version(answer, &version))
    }

    fn delete_several(&self, bucket: &Bucket) -> Result<Response, OssError> {
        self.may(Some(bucket), "oss:DeleteObject")?;
        if self.asked.header("content-md5").is_none() {
            return Err(OssError::new(400, "MissingArgument", "Missing Some Required Arguments.")
                .with("ArgumentName", "Content-MD5"));
        }
        self.whole()?;
        let wanted: DeleteBody = self.parse()?;
        if wanted.objects.is_empty() || wanted.objects.len() > 1000 {
            return Err(malformed());
        }
        for object in &wanted.objects {
            self.mutable(bucket, &object.key)?;
        }
        let mut contents = lock(bucket);
        let now = self.oss.now();
        let deleted: Vec<_> = wanted
            .objects
            .iter()
            .map(|object| {
                let outcome = contents.delete(&object.key, object.version_id.as_deref(), bucket.world.versioned, now);
                (object, outcome)
            })
            .collect();
        let url = self.asked.parameter("encoding-type") == Some("url");
        Ok(xml(Xml::document("DeleteResult", |xml| {
            xml.text_if("EncodingType", url.then_some("url"));
            for (object, (version, marker)) in deleted.iter().filter(|_| !wanted.quiet) {
                xml.nest("Deleted", |xml| {
                    match url {
                        true => {
                            let encoded =
                                percent_encoding::utf8_percent_encode(&object.key, percent_encoding::NON_ALPHANUMERIC);
                            xml.text("Key", encoded);
                        }
                        false => xml.text("Key", &object.key),
                    }
                    if *marker {
                        xml.text("DeleteMarker", "true");
                        xml.text("DeleteMarkerVersionId", version);
                    }
                });
            }
        })))
    }

    /// A key as the answer shows it: percent-encoded where `encoding-type=url` asks for it.
    pub(super) fn shown(&self, key: &str) -> String {
        match self.asked.parameter("encoding-type") {
            Some("url") => percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC).to_string(),
            _ => key.to_owned(),
        }
    }

    pub(super) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, OssError> {
        let text = std::str::from_utf8(self.body).map_err(|_| malformed())?;
        quick_xml::de::from_str(text).map_err(|_| malformed())
    }
}

fn malformed() -> OssError {
    OssError::new(400, "MalformedXML", "The XML you provided was not well-formed.")
}
