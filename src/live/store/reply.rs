//! Reads what OSS answered: headers, and the XML of errors, bucket information and listings.

use base64::Engine as _;
use serde::Deserialize;

use ackcheck_core::seat::store::{Denial, OpenUpload, StoreReply, StoreRequest};
use ackcheck_core::seat::{Heard, HttpReply, NoReply};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ErrorBody {
    code: String,
    message: Option<String>,
    #[serde(rename = "EC")]
    ec: Option<String>,
    endpoint: Option<String>,
    access_denied_detail: Option<DeniedDetail>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeniedDetail {
    auth_action: Option<String>,
    no_permission_type: Option<String>,
    policy_type: Option<String>,
    auth_principal_display_name: Option<String>,
    auth_principal_type: Option<String>,
    auth_principal_owner_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BucketInfo {
    bucket: BucketBody,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BucketBody {
    location: Option<String>,
    intranet_endpoint: Option<String>,
    extranet_endpoint: Option<String>,
    storage_class: Option<String>,
    owner: Option<Owner>,
}

#[derive(Debug, Deserialize)]
struct Owner {
    #[serde(rename = "ID")]
    id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    #[serde(default)]
    contents: Vec<Listed>,
    #[serde(default)]
    common_prefixes: Vec<Folder>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Folder {
    prefix: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Deletion {
    #[serde(default)]
    deleted: Vec<Deleted>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Deleted {
    delete_marker_version_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    key: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Begun {
    key: String,
    upload_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Uploads {
    #[serde(default)]
    upload: Vec<Upload>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    upload_id: String,
    initiated: Option<String>,
}

/// What a copy and a completed upload are answered with.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    #[serde(rename = "ETag")]
    etag: String,
}

/// What the body of a success holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplyKind {
    /// The bucket's information, in XML.
    BucketInfo,
    /// Keys, in XML.
    Listing,
    /// The object itself.
    Object,
    /// What was deleted, in XML.
    Deletion,
    /// The upload that was begun, in XML.
    Begun,
    /// The uploads that are open, in XML.
    Uploads,
    /// The ETag of what was copied or put together, in XML.
    Made,
    /// Nothing that is read.
    Empty,
}

impl From<&StoreRequest> for ReplyKind {
    fn from(request: &StoreRequest) -> ReplyKind {
        match request {
            StoreRequest::BucketInfo => ReplyKind::BucketInfo,
            StoreRequest::List | StoreRequest::ListFolder { .. } => ReplyKind::Listing,
            StoreRequest::DeleteByPost { .. } => ReplyKind::Deletion,
            StoreRequest::Get { .. } => ReplyKind::Object,
            StoreRequest::BeginUpload { .. } => ReplyKind::Begun,
            StoreRequest::ListUploads { .. } => ReplyKind::Uploads,
            StoreRequest::CopyPart { .. } | StoreRequest::CompleteUpload { .. } | StoreRequest::Copy { .. } => {
                ReplyKind::Made
            }
            StoreRequest::Put { .. }
            | StoreRequest::Head { .. }
            | StoreRequest::Delete { .. }
            | StoreRequest::PutPart { .. }
            | StoreRequest::AbortUpload { .. } => ReplyKind::Empty,
        }
    }
}

/// An answer, whose body is of this kind where the request succeeded.
pub(crate) fn read(kind: ReplyKind, http: HttpReply) -> Heard<StoreReply> {
    let mut reply = StoreReply {
        status: http.status,
        request_id: http.header("x-oss-request-id").map(str::to_owned),
        ec: http.header("x-oss-ec").map(str::to_owned),
        version_id: http.header("x-oss-version-id").filter(|id| *id != "null").map(str::to_owned),
        etag: http.header("etag").map(unquoted),
        ..StoreReply::default()
    };
    match http.status {
        200..=299 => body(kind, http, &mut reply)?,
        300..=399 => {
            let location = http.header("location").unwrap_or("nowhere").to_owned();
            reply.message = Some(format!("redirects to {location}"));
            error_body(&http, &mut reply);
        }
        _ => error_body(&http, &mut reply),
    }
    Ok(reply)
}

/// Takes in the body of a success.
fn body(kind: ReplyKind, http: HttpReply, reply: &mut StoreReply) -> Heard<()> {
    match kind {
        ReplyKind::BucketInfo => {
            let BucketInfo { bucket } = parsed("the bucket's information", &http.body)?;
            reply.location = bucket.location;
            reply.intranet_endpoint = bucket.intranet_endpoint;
            reply.extranet_endpoint = bucket.extranet_endpoint;
            reply.storage_class = bucket.storage_class;
            reply.owner = bucket.owner.and_then(|owner| owner.id);
        }
        ReplyKind::Listing => {
            let what = "a listing";
            let listing: Listing = parsed(what, &http.body)?;
            if !http.body.contains("<ListBucketResult") {
                return Err(garbled(what, &"no ListBucketResult in it", &http.body));
            }
            let keys = listing.contents.into_iter().map(|listed| listed.key);
            let folders = listing.common_prefixes.into_iter().map(|folder| folder.prefix);
            reply.body = keys.chain(folders).collect::<Vec<_>>().join("\n");
        }
        ReplyKind::Deletion => {
            let deletion: Deletion = parsed("a deletion", &http.body)?;
            if deletion.deleted.is_empty() {
                return Err(garbled("a deletion", &"nothing was deleted", &http.body));
            }
            let marker = deletion.deleted.into_iter().find_map(|deleted| deleted.delete_marker_version_id);
            reply.version_id = marker.or(reply.version_id.take());
        }
        ReplyKind::Begun => {
            let Begun { key, upload_id } = parsed("the beginning of an upload", &http.body)?;
            reply.uploads = vec![OpenUpload { key, id: upload_id, since: None }];
        }
        ReplyKind::Uploads => {
            let what = "a listing of uploads";
            let listing: Uploads = parsed(what, &http.body)?;
            if !http.body.contains("<ListMultipartUploadsResult") {
                return Err(garbled(what, &"no ListMultipartUploadsResult in it", &http.body));
            }
            let open = |Upload { key, upload_id, initiated }| OpenUpload { key, id: upload_id, since: initiated };
            reply.uploads = listing.upload.into_iter().map(open).collect();
        }
        // Who does not know of copies answers as to any PUT, without a body: what became of the object shows.
        ReplyKind::Made => {
            reply.etag = parsed::<Made>("what was made", &http.body).ok().map(|made| unquoted(&made.etag));
        }
        ReplyKind::Object => reply.body = http.body,
        ReplyKind::Empty => {}
    }
    Ok(())
}

fn parsed<T: serde::de::DeserializeOwned>(what: &str, body: &str) -> Heard<T> {
    quick_xml::de::from_str(body).map_err(|error| garbled(what, &error, body))
}

/// A body that is not what the request brings.
fn garbled(what: &str, error: &dyn std::fmt::Display, body: &str) -> NoReply {
    let shown: String = body.chars().take(120).collect();
    NoReply::Garbled { said: format!("not {what}: {error}: {shown:?}") }
}

/// An ETag without its quotes.
fn unquoted(etag: &str) -> String {
    etag.trim_matches('"').to_owned()
}

/// Takes in the error body, which an answer to `HEAD` carries in the header `x-oss-err`, in base64.
fn error_body(http: &HttpReply, reply: &mut StoreReply) {
    let in_header = http
        .header("x-oss-err")
        .and_then(|value| base64::engine::general_purpose::STANDARD.decode(value).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let text = in_header.as_deref().unwrap_or(&http.body);
    let Ok(error) = quick_xml::de::from_str::<ErrorBody>(text) else { return };
    if error.code.is_empty() {
        return;
    }
    reply.code = Some(error.code);
    reply.message = error.message;
    reply.ec = error.ec.or(reply.ec.take());
    reply.endpoint = error.endpoint;
    reply.denial = error.access_denied_detail.map(|detail| Denial {
        action: detail.auth_action,
        kind: detail.no_permission_type,
        policy: detail.policy_type,
        principal: detail.auth_principal_display_name,
        principal_type: detail.auth_principal_type,
        account: detail.auth_principal_owner_id,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(status: u16, headers: &[(&str, &str)], body: &str) -> HttpReply {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpReply { status, headers, body: body.to_owned() }
    }

    #[test]
    fn reads_an_error_with_its_right_endpoint_and_denial() {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>AccessDenied</Code>\n  \
            <Message>Access denied by bucket policy.</Message>\n  <RequestId>62A1</RequestId>\n  \
            <Bucket>b</Bucket><Endpoint>oss-cn-shanghai.aliyuncs.com</Endpoint>\n  <AccessDeniedDetail>\
            <PolicyType>AccountLevelIdentityBasedPolicy</PolicyType><NoPermissionType>ExplicitDeny</NoPermissionType>\
            <AuthAction>oss:PutObject</AuthAction></AccessDeniedDetail><EC>0003-00000201</EC></Error>";
        let reply = read(ReplyKind::Listing, http(403, &[("x-oss-request-id", "62A1")], body)).unwrap();
        assert_eq!(reply.code.as_deref(), Some("AccessDenied"));
        assert_eq!(reply.endpoint.as_deref(), Some("oss-cn-shanghai.aliyuncs.com"));
        assert_eq!(reply.ec.as_deref(), Some("0003-00000201"));
        let denial = reply.denial.clone().unwrap();
        assert_eq!(denial.action.as_deref(), Some("oss:PutObject"));
        assert_eq!(denial.kind.as_deref(), Some("ExplicitDeny"));
        assert!(reply.from_oss());
    }

    #[test]
    fn reads_the_error_of_a_head_from_its_header() {
        let xml = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
        let encoded = base64::engine::general_purpose::STANDARD.encode(xml);
        let headers = [("x-oss-err", encoded.as_str()), ("x-oss-ec", "0026-00000001")];
        let reply = read(ReplyKind::Empty, http(404, &headers, "")).unwrap();
        assert_eq!(reply.code.as_deref(), Some("NoSuchKey"));
        assert_eq!(reply.ec.as_deref(), Some("0026-00000001"));
    }

    #[test]
    fn a_login_page_is_neither_a_listing_nor_an_error() {
        let page = "<html><body><h1>Sign in</h1></body></html>";
        assert!(matches!(read(ReplyKind::Listing, http(200, &[], page)), Err(NoReply::Garbled { .. })));
        let refused = read(ReplyKind::Listing, http(403, &[], page)).unwrap();
        assert_eq!((refused.code, refused.request_id), (None, None));
    }

    #[test]
    fn reads_keys_and_regions() {
        let listing = "<ListBucketResult><Name>b</Name><Contents><Key>a</Key><Size>1</Size></Contents>\
            <Contents><Key>b&amp;c</Key></Contents></ListBucketResult>";
        assert_eq!(read(ReplyKind::Listing, http(200, &[], listing)).unwrap().body, "a\nb&c");
        let empty = "<ListBucketResult><Name>b</Name></ListBucketResult>";
        assert_eq!(read(ReplyKind::Listing, http(200, &[], empty)).unwrap().body, "");
        let info = "<BucketInfo><Bucket><Location>oss-cn-hangzhou</Location><Name>b</Name></Bucket></BucketInfo>";
        let info = read(ReplyKind::BucketInfo, http(200, &[], info)).unwrap();
        assert_eq!(info.location.as_deref(), Some("oss-cn-hangzhou"));
    }

    #[test]
    fn reads_uploads_and_what_they_become() {
        let begun = "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>a&amp;b</Key><UploadId>U1</UploadId>\
            </InitiateMultipartUploadResult>";
        let begun = read(ReplyKind::Begun, http(200, &[], begun)).unwrap();
        assert_eq!(begun.uploads, [OpenUpload { key: "a&b".to_owned(), id: "U1".to_owned(), since: None }]);
        assert!(read(ReplyKind::Begun, http(200, &[], "")).is_err());
        let open = "<ListMultipartUploadsResult><Bucket>b</Bucket><Upload><Key>a</Key><UploadId>U1</UploadId>\
            <Initiated>2026-11-27T09:00:00.000Z</Initiated></Upload><Upload><Key>a</Key><UploadId>U2</UploadId></Upload>\
            </ListMultipartUploadsResult>";
        let open = read(ReplyKind::Uploads, http(200, &[], open)).unwrap();
        assert_eq!(open.uploads.iter().map(|open| open.id.as_str()).collect::<Vec<_>>(), ["U1", "U2"]);
        assert_eq!(open.uploads[0].since.as_deref(), Some("2026-11-27T09:00:00.000Z"));
        let none = "<ListMultipartUploadsResult><Bucket>b</Bucket></ListMultipartUploadsResult>";
        assert_eq!(read(ReplyKind::Uploads, http(200, &[], none)).unwrap().uploads, []);
        assert!(read(ReplyKind::Uploads, http(200, &[], "<ListBucketResult></ListBucketResult>")).is_err());
        let made = "<CompleteMultipartUploadResult><Key>a</Key><ETag>\"AB-2\"</ETag></CompleteMultipartUploadResult>";
        assert_eq!(read(ReplyKind::Made, http(200, &[], made)).unwrap().etag.as_deref(), Some("AB-2"));
        // A plain PUT has the header alone.
        let etag = [("etag", "\"AB\"")];
        assert_eq!(read(ReplyKind::Empty, http(200, &etag, "")).unwrap().etag.as_deref(), Some("AB"));
        assert_eq!(read(ReplyKind::Made, http(200, &etag, "")).unwrap().etag, None);
    }
}
