//! What OSS answers about buckets and objects.

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;

use super::canonical::SignedRequest;
use super::objects::{Content, Object};
use super::wire::Xml;
use super::words::OssError;
use super::{Bucket, Oss, time_of};
use crate::http::{Response, response};

/// As HTTP writes times.
pub(super) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// An answer with XML.
pub(super) fn xml(text: String) -> Response {
    response(200, "application/xml", text)
}

/// An answer with a status and nothing else.
pub(super) fn empty(status: u16) -> Response {
    let mut answer = response(status, "", "");
    answer.headers_mut().remove(http::header::CONTENT_TYPE);
    answer
}

/// With a header more; a value that cannot be one is left out.
pub(super) fn with(mut answer: Response, name: &str, value: impl std::fmt::Display) -> Response {
    if let (Ok(name), Ok(value)) = (name.parse::<http::HeaderName>(), value.to_string().parse()) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// With the version's header, where the bucket keeps versions.
pub(super) fn with_version(answer: Response, version: &str) -> Response {
    if version == "null" { answer } else { with(answer, "x-oss-version-id", version) }
}

/// `GET /?bucketInfo`.
pub(super) fn bucket_info(oss: &Oss, bucket: &Bucket) -> Response {
    let region = &bucket.world.region;
    xml(Xml::document("BucketInfo", |xml| {
        xml.nest("Bucket", |xml| {
            xml.text("CreationDate", &bucket.world.created);
            xml.text("ExtranetEndpoint", format!("oss-{region}.aliyuncs.com"));
            xml.text("IntranetEndpoint", format!("oss-{region}-internal.aliyuncs.com"));
            xml.text("Location", format!("oss-{region}"));
            xml.text("StorageClass", &bucket.world.storage_class);
            xml.text("TransferAcceleration", "Disabled");
            xml.text("CrossRegionReplication", "Disabled");
            if bucket.world.versioned {
                xml.text("Versioning", "Enabled");
            }
            xml.text("Name", &bucket.name);
            owner(bucket.world.owner.as_ref().unwrap_or(&oss.account), xml);
            xml.nest("AccessControlList", |xml| xml.text("Grant", "private"));
            xml.text("Comment", "");
        });
    }))
}

/// `GET /?location`.
pub(super) fn location(bucket: &Bucket) -> Response {
    xml(Xml::document("LocationConstraint", |xml| xml.value(format!("oss-{}", bucket.world.region))))
}

/// `GET /?acl`, of a bucket or of an object.
pub(super) fn acl(oss: &Oss, grant: &str) -> Response {
    xml(Xml::document("AccessControlPolicy", |xml| {
        owner(&oss.account, xml);
        xml.nest("AccessControlList", |xml| xml.text("Grant", grant));
    }))
}

/// `GET /` of the bare endpoint.
pub(super) fn buckets(oss: &Oss, region: Option<&str>) -> Response {
    xml(Xml::document("ListAllMyBucketsResult", |xml| {
        owner(&oss.account, xml);
        xml.nest("Buckets", |xml| {
            for bucket in
                oss.buckets.values().filter(|bucket| region.is_none_or(|region| region == bucket.world.region))
            {
                let region = &bucket.world.region;
                xml.nest("Bucket", |xml| {
                    xml.text("CreationDate", &bucket.world.created);
                    xml.text("ExtranetEndpoint", format!("oss-{region}.aliyuncs.com"));
                    xml.text("IntranetEndpoint", format!("oss-{region}-internal.aliyuncs.com"));
                    xml.text("Location", format!("oss-{region}"));
                    xml.text("Name", &bucket.name);
                    xml.text("Region", region);
                    xml.text("StorageClass", "Standard");
                });
            }
        });
    }))
}

/// `GET /?regions` of the bare endpoint.
pub(super) fn regions(oss: &Oss, wanted: &str) -> Response {
    xml(Xml::document("RegionInfoList", |xml| {
        for region in oss.regions.iter().filter(|region| wanted.is_empty() || wanted == format!("oss-{region}")) {
            xml.nest("RegionInfo", |xml| {
                xml.text("Region", format!("oss-{region}"));
                xml.text("InternetEndpoint", format!("oss-{region}.aliyuncs.com"));
                xml.text("InternalEndpoint", format!("oss-{region}-internal.aliyuncs.com"));
                xml.text("AccelerateEndpoint", "oss-accelerate.aliyuncs.com");
            });
        }
    }))
}

fn owner(account: &str, xml: &mut Xml) {
    xml.nest("Owner", |xml| {
        xml.text("DisplayName", account);
        xml.text("ID", account);
    });
}

/// An object's headers, and its bytes where the request is for them: all, or a range.
pub(super) fn object(
    signed: &SignedRequest,
    object: &Object,
    content: &Content,
    storage_class: &str,
) -> Result<Response, OssError> {
    let whole = content.body.len();
    let range = match signed.header("range") {
        Some(range) => wanted(range, whole),
        None => Wanted::All,
    };
    let strict = signed.header("x-oss-range-behavior") == Some("standard");
    let (status, part) = match range {
        Wanted::Part(first, last) => (206, content.body.slice(first..=last)),
        Wanted::Nothing if strict => {
            return Err(OssError::new(416, "InvalidRange", "The requested range cannot be satisfied."));
        }
        // Without that header OSS answers an invalid range with the whole object.
        Wanted::All | Wanted::Nothing => (200, content.body.clone()),
    };
    let length = part.len();
    let mut answer =
        response(status, &content.content_type, if signed.method == Method::HEAD { Bytes::new() } else { part });
    if let (206, Wanted::Part(first, last)) = (status, range) {
        answer = with(answer, "content-range", format!("bytes {first}-{last}/{whole}"));
    }
    answer = with(answer, "content-length", length);
    for (name, value) in &content.metadata {
        answer = with(answer, name, value);
    }
    answer = with(answer, "etag", format!("\"{}\"", content.etag));
    answer = with(answer, "last-modified", http_date(object.modified));
    answer = with(answer, "accept-ranges", "bytes");
    answer = with(answer, "x-oss-object-type", content.kind);
    answer = with(answer, "x-oss-storage-class", storage_class);
    answer = with(answer, "x-oss-hash-crc64ecma", content.crc64);
    Ok(with_version(answer, &object.version))
}

/// `CopyObjectResult`, `CopyPartResult`.
pub(super) fn copied(root: &str, etag: &str, now: Timestamp) -> Response {
    xml(Xml::document(root, |xml| {
        xml.text("ETag", format!("\"{etag}\""));
        xml.text("LastModified", time_of(now));
    }))
}

#[derive(Clone, Copy)]
enum Wanted {
    All,
    /// Both ends included.
    Part(usize, usize),
    /// A range that the object does not have.
    Nothing,
}

/// One range of `Range: bytes=`; several are answered whole.
fn wanted(header: &str, whole: usize) -> Wanted {
    let Some(range) = header.strip_prefix("bytes=").filter(|range| !range.contains(',')) else { return Wanted::All };
    let Some((first, last)) = range.split_once('-') else { return Wanted::All };
    let ends = match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(first), Some(last)) => Some((first, last.min(whole.saturating_sub(1)))),
        (Some(first), None) if last.is_empty() => Some((first, whole.saturating_sub(1))),
        (None, Some(tail)) if first.is_empty() && tail > 0 => {
            Some((whole.saturating_sub(tail), whole.saturating_sub(1)))
        }
        _ => None,
    };
    match ends {
        Some((first, last)) if first <= last && first < whole => Wanted::Part(first, last),
        _ => Wanted::Nothing,
    }
}
