//! What is sent for a request of the seat: its method, query, headers and body, before it is signed.

use base64::Engine as _;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use md5::{Digest as _, Md5};

use super::sign::{Unsigned, encoded};
use ackcheck_core::seat::store::{StoreRequest, StoreTarget};

/// The objects that a request is about, by their whole keys.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About<'a> {
    /// None where it is about the bucket.
    pub key: Option<&'a str>,
    /// What is copied from.
    pub source: Option<&'a str>,
    /// One version of the object.
    pub version: Option<&'a str>,
}

impl<'a> About<'a> {
    /// About one object and no other.
    pub(super) fn object(key: &'a str) -> About<'a> {
        About { key: Some(key), ..About::default() }
    }
}

/// The request and its body.
pub(super) fn unsigned<'a>(target: &StoreTarget, request: &StoreRequest, about: About<'a>) -> (Unsigned<'a>, String) {
    let Written { method, mut query, headers, body } = written(target, request, about);
    query.extend(about.version.map(|version| ("versionId", version.to_owned())));
    // These are asked of the bucket, and name the object elsewhere.
    let of_bucket = matches!(request, StoreRequest::DeleteByPost { .. } | StoreRequest::ListUploads { .. });
    (Unsigned { method, key: about.key.filter(|_| !of_bucket), query, headers }, body)
}

/// What a request is made of besides its key.
struct Written {
    method: Method,
    query: Vec<(&'static str, String)>,
    headers: HeaderMap,
    body: String,
}

impl Written {
    fn new<const PARAMETERS: usize>(method: Method, query: [(&'static str, String); PARAMETERS]) -> Written {
        Written { method, query: query.into(), headers: HeaderMap::new(), body: String::new() }
    }

    /// With a header; its value is ASCII by its making.
    fn with(mut self, name: &'static str, value: &str) -> Written {
        self.headers.extend(HeaderValue::from_str(value).map(|value| (HeaderName::from_static(name), value)));
        self
    }

    fn sending(self, body: String) -> Written {
        Written { body, ..self }
    }
}

fn written(target: &StoreTarget, request: &StoreRequest, about: About<'_>) -> Written {
    let key = about.key.unwrap_or_default();
    let of_upload = |upload: &String| ("uploadId", upload.clone());
    let source = || format!("/{}/{}", target.bucket, encoded(about.source.unwrap_or_default()));
    match request {
        StoreRequest::BucketInfo => Written::new(Method::GET, [("bucketInfo", String::new())]),
        StoreRequest::List => {
            let folder = match target.prefix.as_str() {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            };
            let query = [("list-type", "2".to_owned()), ("max-keys", "10".to_owned()), ("prefix", folder)];
            Written::new(Method::GET, query)
        }
        StoreRequest::ListFolder { folder } => {
            let query = [("delimiter", "/".to_owned()), ("max-keys", "10".to_owned()), ("prefix", folder.clone())];
            Written::new(Method::GET, query)
        }
        StoreRequest::Put { body, .. } => {
            Written::new(Method::PUT, []).with("content-type", "text/plain").sending(body.clone())
        }
        StoreRequest::Get { .. } => Written::new(Method::GET, []),
        StoreRequest::Head { .. } => Written::new(Method::HEAD, []),
        StoreRequest::Delete { .. } => Written::new(Method::DELETE, []),
        StoreRequest::DeleteByPost { .. } => {
            let body = deletion(key);
            let digest = base64::engine::general_purpose::STANDARD.encode(Md5::digest(&body));
            Written::new(Method::POST, [("delete", String::new())]).with("content-md5", &digest).sending(body)
        }
        StoreRequest::BeginUpload { .. } => Written::new(Method::POST, [("uploads", String::new())]),
        StoreRequest::PutPart { upload, number, body, .. } => {
            Written::new(Method::PUT, [("partNumber", number.to_string()), of_upload(upload)]).sending(body.clone())
        }
        StoreRequest::CopyPart { upload, number, bytes, .. } => {
            let range = format!("bytes=0-{}", bytes.saturating_sub(1));
            let part = Written::new(Method::PUT, [("partNumber", number.to_string()), of_upload(upload)]);
            part.with("x-oss-copy-source", &source()).with("x-oss-copy-source-range", &range)
        }
        StoreRequest::CompleteUpload { upload, parts, .. } => {
            Written::new(Method::POST, [of_upload(upload)]).sending(completion(parts))
        }
        StoreRequest::AbortUpload { upload, .. } => Written::new(Method::DELETE, [of_upload(upload)]),
        StoreRequest::ListUploads { .. } => {
            Written::new(Method::GET, [("uploads", String::new()), ("prefix", key.to_owned())])
        }
        // The slashes of the source's key are encoded too, as Hadoop's SDK does it.
        StoreRequest::Copy { .. } => Written::new(Method::PUT, []).with("x-oss-copy-source", &source()),
    }
}

/// The body that completes an upload.
fn completion(parts: &[(u32, String)]) -> String {
    let part = |(number, etag): &(u32, String)| {
        let etag = quick_xml::escape::escape(etag);
        format!("<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag}&quot;</ETag></Part>")
    };
    let parts: String = parts.iter().map(part).collect();
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

/// The body of the deletion of one object, which is to be told of.
fn deletion(key: &str) -> String {
    let key = quick_xml::escape::escape(key);
    format!("<Delete><Quiet>false</Quiet><Object><Key>{key}</Key></Object></Delete>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::subject::{Kind, Subject};

    fn sent(request: &StoreRequest, about: About<'_>) -> (String, String, String) {
        let target = StoreTarget {
            subject: Subject::new(Kind::Bucket, "b"),
            bucket: "lab-data".to_owned(),
            prefix: "dss".to_owned(),
            endpoint: String::new(),
            region: None,
            access_key_id: String::new(),
        };
        let (unsigned, body) = unsigned(&target, request, about);
        let query: Vec<String> = unsigned.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let asked = format!("{} /{}?{}", unsigned.method, unsigned.key.unwrap_or_default(), query.join("&"));
        let headers = unsigned.headers.iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()));
        (asked, headers.collect(), body)
    }

    #[test]
    fn an_upload_is_written_as_oss_reads_it() {
        let (name, upload) = ("x".to_owned(), "U1".to_owned());
        let about = About { key: Some("dss/a b"), source: Some("dss/from é"), version: None };
        let parts = vec![(1, "AB".to_owned()), (2, "C\"&D".to_owned())];
        let complete = StoreRequest::CompleteUpload { name: name.clone(), upload: upload.clone(), parts };
        let (asked, _, body) = sent(&complete, about);
        assert_eq!(asked, "POST /dss/a b?uploadId=U1");
        assert_eq!(
            body,
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;AB&quot;</ETag></Part><Part>\
             <PartNumber>2</PartNumber><ETag>&quot;C&quot;&amp;D&quot;</ETag></Part></CompleteMultipartUpload>"
        );
        let copy = StoreRequest::CopyPart { name: name.clone(), upload, number: 2, from: "y".to_owned(), bytes: 10 };
        let (asked, headers, _) = sent(&copy, about);
        assert_eq!(asked, "PUT /dss/a b?partNumber=2&uploadId=U1");
        assert_eq!(headers, "x-oss-copy-source: /lab-data/dss%2Ffrom%20%C3%A9\nx-oss-copy-source-range: bytes=0-9\n");
        let (asked, ..) = sent(&StoreRequest::ListUploads { name }, about);
        assert_eq!(asked, "GET /?uploads=&prefix=dss/a b");
    }
}
