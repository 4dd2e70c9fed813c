//! The object store: OSS, asked with the keys DSS will use.

mod endpoint;
mod hadoop;

use async_trait::async_trait;

pub use self::endpoint::{Addressing, Endpoint, EndpointKind};
pub use self::hadoop::{HadoopDid, HadoopRun, Thrown, Trace};
use super::operation::{Need, Operation};
use super::{Heard, NameAnswer, Seen};
use crate::place::Vantage;
use crate::right::Right;
use crate::subject::Subject;

/// One bucket to look at, as DSS is or will be configured for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreTarget {
    /// The connection of DSS or the bucket of the site file, by its name there.
    pub subject: Subject,
    pub bucket: String,
    /// The path within the bucket, without leading or trailing slash; may be empty.
    pub prefix: String,
    /// The endpoint exactly as configured, mistakes included.
    pub endpoint: String,
    /// The region it should be in, where the site says.
    pub region: Option<String>,
    /// The AccessKey id; the secret stays in the seat.
    pub access_key_id: String,
}

/// One thing to ask of a bucket. Keys are below the target's prefix in a folder of this run alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreRequest {
    /// `GET /?bucketInfo`.
    BucketInfo,
    /// `GET /?list-type=2` below the prefix, at most 10 keys.
    List,
    /// `PUT` of a small object named by this run.
    Put { name: String, body: String },
    /// `GET` of it.
    Get { name: String },
    /// `HEAD` of it.
    Head { name: String },
    /// `DELETE` of it.
    Delete { name: String },
    /// `GET /?prefix=FOLDER&delimiter=/`, the first version of the listing, as Hadoop looks whether a folder is there. The
    /// folder is a whole key that ends in a slash, or empty for the bucket itself.
    ListFolder { folder: String },
    /// `POST /?delete` of it, as Hadoop deletes.
    DeleteByPost { name: String },
    /// `POST ?uploads`: begins an upload of it in parts.
    BeginUpload { name: String },
    /// `PUT ?partNumber&uploadId`: one part. OSS takes any size of the last one, and at least 100 KiB of the others.
    PutPart { name: String, upload: String, number: u32, body: String },
    /// The same, as Hadoop renames a large file: the part is the first so many bytes of the object `from` of this run.
    CopyPart { name: String, upload: String, number: u32, from: String, bytes: usize },
    /// `POST ?uploadId`: makes it of these parts, each with its number and ETag.
    CompleteUpload { name: String, upload: String, parts: Vec<(u32, String)> },
    /// `DELETE ?uploadId`: gives an upload up, with its parts.
    AbortUpload { name: String, upload: String },
    /// `GET /?uploads`: the uploads of it that are open.
    ListUploads { name: String },
    /// `PUT` of it with the object `from` of this run for its source, as Hadoop renames a file.
    Copy { name: String, from: String },
}

impl StoreRequest {
    /// The object that it is about, as this run names it; none where it is about the bucket.
    pub fn name(&self) -> Option<&str> {
        match self {
            StoreRequest::BucketInfo | StoreRequest::List | StoreRequest::ListFolder { .. } => None,
            StoreRequest::Put { name, .. }
            | StoreRequest::Get { name }
            | StoreRequest::Head { name }
            | StoreRequest::Delete { name }
            | StoreRequest::DeleteByPost { name }
            | StoreRequest::BeginUpload { name }
            | StoreRequest::PutPart { name, .. }
            | StoreRequest::CopyPart { name, .. }
            | StoreRequest::CompleteUpload { name, .. }
            | StoreRequest::AbortUpload { name, .. }
            | StoreRequest::ListUploads { name }
            | StoreRequest::Copy { name, .. } => Some(name),
        }
    }

    /// The object that it copies from, as this run names it.
    pub fn source(&self) -> Option<&str> {
        match self {
            StoreRequest::CopyPart { from, .. } | StoreRequest::Copy { from, .. } => Some(from),
            _ => None,
        }
    }

    /// Something is another after it than before.
    pub fn changes(&self) -> bool {
        match self {
            StoreRequest::BucketInfo
            | StoreRequest::List
            | StoreRequest::ListFolder { .. }
            | StoreRequest::ListUploads { .. }
            | StoreRequest::Get { .. }
            | StoreRequest::Head { .. } => false,
            StoreRequest::Put { .. }
            | StoreRequest::Delete { .. }
            | StoreRequest::DeleteByPost { .. }
            | StoreRequest::BeginUpload { .. }
            | StoreRequest::PutPart { .. }
            | StoreRequest::CopyPart { .. }
            | StoreRequest::CompleteUpload { .. }
            | StoreRequest::AbortUpload { .. }
            | StoreRequest::Copy { .. } => true,
        }
    }

    /// The right OSS asks for before it does this. To copy takes `oss:GetObject` on the source besides.
    pub fn right(&self) -> Right {
        match self {
            StoreRequest::BucketInfo => Right::bucket("oss:GetBucketInfo"),
            StoreRequest::List | StoreRequest::ListFolder { .. } => LIST_OBJECTS,
            StoreRequest::Put { .. }
            | StoreRequest::BeginUpload { .. }
            | StoreRequest::PutPart { .. }
            | StoreRequest::CompleteUpload { .. }
            | StoreRequest::CopyPart { .. }
            | StoreRequest::Copy { .. } => PUT_OBJECT,
            StoreRequest::Get { .. } | StoreRequest::Head { .. } => GET_OBJECT,
            StoreRequest::Delete { .. } | StoreRequest::DeleteByPost { .. } => DELETE_OBJECT,
            StoreRequest::AbortUpload { .. } => ABORT_UPLOAD,
            StoreRequest::ListUploads { .. } => LIST_UPLOADS,
        }
    }

    /// The right that this answer refuses: the action that OSS names, where it names one.
    pub fn right_refused(&self, reply: &StoreReply) -> Right {
        let named = reply.denial.as_ref().and_then(|denial| denial.action.clone());
        match (self.right(), named) {
            (Right::Bucket(_), Some(action)) => Right::Bucket(action.into()),
            (_, Some(action)) => Right::Objects(action.into()),
            (right, None) => right,
        }
    }
}

/// What a refusal tells of the policies behind it: the `AccessDeniedDetail` of the error body
/// (<https://www.alibabacloud.com/help/en/oss/support/0003-00000201>). Each part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denial {
    /// `AuthAction`: the RAM action that was asked for.
    pub action: Option<String>,
    /// `NoPermissionType`: `ExplicitDeny` where a policy forbids it, `ImplicitDeny` where none allows it.
    pub kind: Option<String>,
    /// `PolicyType`: which sort of policy decided.
    pub policy: Option<String>,
    /// `AuthPrincipalDisplayName`: who was refused. Of a RAM user often the ID, of a role `role:session`.
    pub principal: Option<String>,
    /// `AuthPrincipalType`: `SubUser`, `AssumedRoleUser`, `Account`.
    pub principal_type: Option<String>,
    /// `AuthPrincipalOwnerId`: the account that the refused key is of.
    pub account: Option<String>,
}

/// How far OSS's clock is ahead of this host's: the true value lies between these seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockGap {
    pub least: i64,
    pub most: i64,
}

/// Which signature a client makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureVersion {
    /// What every hadoop-aliyun before 3.5.0 makes, and 3.5.0 where nothing else is set.
    V1,
    /// For this region; a client that is not told one makes none.
    V4 { region: Option<String> },
}

/// A connection of DSS, as a client of its bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The name of the connection.
    pub name: String,
    /// What Hadoop signs for it.
    pub signs: Seen<SignatureVersion>,
}

/// Who works in the bucket besides ackcheck, and with what key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clients {
    /// The connections of DSS whose root is in the bucket, with what the settings of each ask for; none where there is no DSS
    /// to say, or it has no connection to OSS yet.
    pub connections: Seen<Option<Vec<Client>>>,
    /// The key comes with a security token.
    pub has_token: bool,
    /// What is given as the secret is formed like an AccessKey id.
    pub secret_is_like_an_id: bool,
}

/// An upload in parts that is neither complete nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUpload {
    /// The key of the object that it would make.
    pub key: String,
    pub id: String,
    /// When it was begun, where OSS says.
    pub since: Option<String>,
}

/// What OSS answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreReply {
    pub status: u16,
    /// The error's `Code`, `Message` and `EC`, where it is one.
    pub code: Option<String>,
    pub message: Option<String>,
    pub ec: Option<String>,
    /// The `Endpoint` of a wrong-endpoint error: the right one.
    pub endpoint: Option<String>,
    /// Of a refusal: what it tells of the policies.
    pub denial: Option<Denial>,
    pub request_id: Option<String>,
    /// The `x-oss-version-id` header: the bucket keeps versions.
    pub version_id: Option<String>,
    /// Of `BucketInfo`: `oss-cn-hangzhou` and the endpoints.
    pub location: Option<String>,
    pub intranet_endpoint: Option<String>,
    pub extranet_endpoint: Option<String>,
    /// Of `BucketInfo`: `Standard`, `IA`, `Archive`, `ColdArchive`, and the ID of the account that owns the bucket.
    pub storage_class: Option<String>,
    pub owner: Option<String>,
    /// The `ETag` header, without its quotes.
    pub etag: Option<String>,
    /// Of `BeginUpload` the upload that it began; of `ListUploads` those that are open.
    pub uploads: Vec<OpenUpload>,
    /// From the `Date` header and the time the exchange took.
    pub clock: Option<ClockGap>,
    /// The body of a `Get`, or the keys of a listing by line; a folder ends in a slash.
    pub body: String,
}

impl StoreReply {
    /// True for 2xx.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// True where the answer is one of OSS's: it carries a request id.
    pub fn from_oss(&self) -> bool {
        self.request_id.is_some()
    }
}

const LIST_OBJECTS: Right = Right::bucket("oss:ListObjects");
const PUT_OBJECT: Right = Right::objects("oss:PutObject");
const GET_OBJECT: Right = Right::objects("oss:GetObject");
const DELETE_OBJECT: Right = Right::objects("oss:DeleteObject");
/// To give up an upload in parts.
pub const ABORT_UPLOAD: Right = Right::objects("oss:AbortMultipartUpload");
/// To list the uploads that are open. Hadoop does not.
pub const LIST_UPLOADS: Right = Right::bucket("oss:ListMultipartUploads");
/// To delete one version of an object, in a bucket that keeps them.
pub const DELETE_VERSION: Right = Right::objects("oss:DeleteObjectVersion");

/// [`StoreRequest::List`].
pub static LIST: Operation =
    Operation { needs: &[Need::of(LIST_OBJECTS)], ..Operation::on(Vantage::Store, "Store::ask List") };
/// [`StoreRequest::Put`], and the removal of what was put.
pub static PUT: Operation = Operation {
    needs: &[
        Need::of(PUT_OBJECT),
        Need::to_tidy_up(DELETE_OBJECT),
        Need::better_with(DELETE_VERSION, "in a versioned bucket, the versions of what ackcheck wrote stay"),
    ],
    ..Operation::on(Vantage::Store, "Store::ask Put")
};
/// [`StoreRequest::Get`].
pub static GET: Operation =
    Operation { needs: &[Need::of(GET_OBJECT)], ..Operation::on(Vantage::Store, "Store::ask Get") };
/// [`StoreRequest::Head`], where a refusal is as good as an answer.
pub static HEAD: Operation = Operation {
    needs: &[Need::better_with(GET_OBJECT, "that a deleted object is gone is not verified")],
    ..Operation::on(Vantage::Store, "Store::ask Head")
};
/// [`StoreRequest::Delete`].
pub static DELETE: Operation =
    Operation { needs: &[Need::of(DELETE_OBJECT)], ..Operation::on(Vantage::Store, "Store::ask Delete") };

/// [`StoreRequest::ListFolder`].
pub static LIST_FOLDER: Operation =
    Operation { needs: &[Need::of(LIST_OBJECTS)], ..Operation::on(Vantage::Store, "Store::ask ListFolder") };
/// [`StoreRequest::DeleteByPost`].
pub static DELETE_BY_POST: Operation =
    Operation { needs: &[Need::of(DELETE_OBJECT)], ..Operation::on(Vantage::Store, "Store::ask DeleteByPost") };

/// An upload in parts, [`StoreRequest::BeginUpload`] to [`StoreRequest::CompleteUpload`]
/// (<https://www.alibabacloud.com/help/en/oss/developer-reference/initiatemultipartupload>).
pub static UPLOAD: Operation = Operation {
    needs: &[
        Need::of(PUT_OBJECT),
        Need::better_with(LIST_UPLOADS, "that no upload in parts stays open is not verified"),
    ],
    ..Operation::on(Vantage::Store, "Store::ask BeginUpload")
};
/// [`StoreRequest::AbortUpload`]
/// (<https://www.alibabacloud.com/help/en/oss/developer-reference/abortmultipartupload>).
pub static ABORT: Operation =
    Operation { needs: &[Need::of(ABORT_UPLOAD)], ..Operation::on(Vantage::Store, "Store::ask AbortUpload") };
/// [`StoreRequest::Copy`] and [`StoreRequest::CopyPart`]
/// (<https://www.alibabacloud.com/help/en/oss/developer-reference/copyobject>).
pub static COPY: Operation = Operation {
    needs: &[Need::of(GET_OBJECT), Need::of(PUT_OBJECT)],
    ..Operation::on(Vantage::Store, "Store::ask Copy")
};

/// [`Store::by_hadoop`].
pub static BY_HADOOP: Operation =
    Operation { takes: &[&LIST, &PUT, &GET, &DELETE], ..Operation::on(Vantage::Store, "Store::by_hadoop") };

/// What of it others must allow.
pub static OPERATIONS: &[&Operation] =
    &[&LIST, &PUT, &GET, &HEAD, &DELETE, &LIST_FOLDER, &DELETE_BY_POST, &UPLOAD, &ABORT, &COPY, &BY_HADOOP];

/// One place in the object store.
#[async_trait]
pub trait Store: Send + Sync {
    /// The place, as DSS is or will be configured for it.
    async fn target(&self) -> Seen<StoreTarget>;
    /// Resolves the host part of its endpoint (`oss-cn-hangzhou-internal.aliyuncs.com`).
    async fn resolve(&self) -> Seen<NameAnswer>;
    /// Asks, signed, by virtual host. Objects put and uploads begun are remembered, and removed when the run cleans up.
    /// Server errors are asked again, a bounded number of times; no redirect is followed.
    async fn ask(&self, request: StoreRequest) -> Seen<Heard<StoreReply>>;
    /// The same, signed as a client of DSS signs; with version 4 for the region that it is told.
    async fn ask_signed(&self, request: StoreRequest, version: &SignatureVersion) -> Seen<Heard<StoreReply>>;
    /// Who works in the bucket, as DSS's settings say.
    async fn clients(&self) -> Seen<Clients>;
    /// What Hadoop itself does here with all that DSS gives it for this connection: its Java, class path, settings and key. It
    /// works in a folder of this run, which is removed again. Only on the DSS host, as the account of DSS.
    async fn by_hadoop(&self, connection: &str) -> Seen<HadoopRun>;
}
