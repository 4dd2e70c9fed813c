//! What a request does, if policies allow it.
//!
//! The product's own client puts, gets, copies and deletes objects, uploads them in parts and reads a bucket's facts. The
//! rest is for the clients of others that are pointed at the lab (`oss2`, Alibaba's SDKs, Hadoop): regions, ACLs, parts that
//! are listed.

use bytes::Bytes;
use http::Method;

use super::answer::{self, empty, with, with_version, xml};
use super::call::{Call, lock, malformed};
use super::canonical::SignedRequest;
use super::objects::Content;
use super::verify::Key;
use super::wire::{DeleteBody, Xml};
use super::words::OssError;
use super::{Bucket, Oss, listing, obstacle};
use crate::http::Response;

/// Does what a request of this key says, and answers it.
pub(super) fn perform(
    oss: &Oss,
    key: Option<&Key>,
    bucket: Option<&Bucket>,
    object: Option<&str>,
    request: &SignedRequest,
    body: &Bytes,
) -> Result<Response, OssError> {
    let call = Call { oss, key, request, body };
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

impl Call<'_> {
    fn service(&self) -> Result<Response, OssError> {
        if self.request.method != Method::GET {
            return Err(OssError::new(
                405,
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            ));
        }
        if let Some(wanted) = self.request.parameter("regions") {
            self.allowed(None, "oss:DescribeRegions")?;
            return Ok(answer::regions(self.oss, wanted));
        }
        self.allowed(None, "oss:ListBuckets")?;
        Ok(answer::buckets(self.oss, None))
    }

    fn bucket(&self, bucket: &Bucket) -> Result<Response, OssError> {
        match self.request.method {
            Method::GET if self.has("bucketInfo") => {
                self.allowed(Some(bucket), "oss:GetBucketInfo")?;
                Ok(answer::bucket_info(self.oss, bucket))
            }
            Method::GET if self.has("location") => {
                self.allowed(Some(bucket), "oss:GetBucketLocation")?;
                Ok(answer::location(bucket))
            }
            Method::GET if self.has("acl") => {
                self.allowed(Some(bucket), "oss:GetBucketAcl")?;
                Ok(answer::acl(self.oss, "private"))
            }
            Method::GET if self.has("versioning") => {
                self.allowed(Some(bucket), "oss:GetBucketVersioning")?;
                let status = bucket.world.versioned.then_some("Enabled");
                Ok(xml(Xml::document("VersioningConfiguration", |xml| xml.text_if("Status", status))))
            }
            Method::GET if self.has("uploads") => {
                self.allowed(Some(bucket), "oss:ListMultipartUploads")?;
                self.uploads(bucket)
            }
            Method::PUT if self.has("acl") => {
                self.allowed(Some(bucket), "oss:PutBucketAcl")?;
                Ok(empty(200))
            }
            Method::POST if self.has("delete") => self.delete_several(bucket),
            Method::GET if !self.has("policy") && !self.has("lifecycle") && !self.has("versions") => {
                self.allowed(Some(bucket), "oss:ListObjects")?;
                Ok(xml(listing::list(&lock(bucket), self.request, &bucket.name, &self.oss.account)?))
            }
            _ => Err(OssError::not_implemented()),
        }
    }

    fn object(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        let upload = self.request.parameter("uploadId");
        match (&self.request.method, upload) {
            (&Method::GET, Some(id)) => self.list_parts(bucket, key, id),
            (&Method::PUT, Some(id)) => self.put_part(bucket, key, id),
            (&Method::POST, Some(id)) => self.complete(bucket, key, id),
            (&Method::DELETE, Some(id)) => self.abort(bucket, key, id),
            (&Method::POST, None) if self.has("uploads") => self.initiate(bucket, key),
            (&Method::PUT, None) if self.copies(bucket) => self.copy(bucket, key),
            (&Method::PUT, None) if !self.has("acl") && !self.has("tagging") && !self.has("symlink") => {
                self.put(bucket, key)
            }
            (&Method::GET, None) if self.has("acl") => {
                self.allowed(Some(bucket), "oss:GetObjectAcl")?;
                lock(bucket).get(key, None)?;
                Ok(answer::acl(self.oss, "default"))
            }
            (&Method::GET | &Method::HEAD, None) => {
                self.allowed(Some(bucket), "oss:GetObject")?;
                let contents = lock(bucket);
                let (object, content) = contents.get(key, self.request.parameter("versionId"))?;
                if self.request.method == Method::GET {
                    obstacle::readable(bucket)?;
                }
                answer::object(self.request, object, content, &bucket.world.storage_class)
            }
            (&Method::DELETE, None) => self.delete(bucket, key),
            _ => Err(OssError::not_implemented()),
        }
    }

    fn put(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        self.allowed(Some(bucket), "oss:PutObject")?;
        self.mutable(bucket, key)?;
        let content = self.content()?;
        let (etag, crc64) = (content.etag.clone(), content.crc64);
        let version = lock(bucket).put(key, content, bucket.world.versioned, self.oss.now())?;
        let answer = with(empty(200), "etag", format!("\"{etag}\""));
        Ok(with_version(with(answer, "x-oss-hash-crc64ecma", crc64), &version))
    }

    fn copy(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        self.allowed(Some(bucket), "oss:PutObject")?;
        self.mutable(bucket, key)?;
        let source = self.source()?;
        let content = match self.request.header("x-oss-metadata-directive") {
            Some("REPLACE") => Content { body: source.body, crc64: source.crc64, etag: source.etag, ..self.content()? },
            _ => source,
        };
        let (etag, crc64, now) = (content.etag.clone(), content.crc64, self.oss.now());
        let version = lock(bucket).put(key, content, bucket.world.versioned, now)?;
        let answer = with(answer::copied("CopyObjectResult", &etag, now), "etag", format!("\"{etag}\""));
        Ok(with_version(with(answer, "x-oss-hash-crc64ecma", crc64), &version))
    }

    fn delete(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        let version = self.request.parameter("versionId");
        self.allowed(Some(bucket), if version.is_some() { "oss:DeleteObjectVersion" } else { "oss:DeleteObject" })?;
        self.mutable(bucket, key)?;
        let (version, marker) = lock(bucket).delete(key, version, bucket.world.versioned, self.oss.now());
        let answer = if marker { with(empty(204), "x-oss-delete-marker", "true") } else { empty(204) };
        Ok(with_version(answer, &version))
    }

    fn delete_several(&self, bucket: &Bucket) -> Result<Response, OssError> {
        if self.request.header("content-md5").is_none() {
            return Err(OssError::new(400, "MissingArgument", "Missing Some Required Arguments.")
                .with("ArgumentName", "Content-MD5"));
        }
        self.whole()?;
        let wanted: DeleteBody = self.parse()?;
        if wanted.objects.is_empty() || wanted.objects.len() > 1000 {
            return Err(malformed());
        }
        for object in &wanted.objects {
            self.allowed_on(Some(bucket), "oss:DeleteObject", &format!("/{}/{}", bucket.name, object.key))?;
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
        let url = self.request.parameter("encoding-type") == Some("url");
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
}
