//! The object store's section of the world, `fixtures/lab/storage.json`.

use serde::Deserialize;

use crate::policy::Policy;
use crate::world::Section;

/// `/storage`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StorageWorld {
    #[serde(rename = "comment")]
    _comment: String,
    #[serde(rename = "site")]
    _site: SiteWorld,
    /// The regions there are.
    pub(super) regions: Vec<String>,
    /// How far OSS's clock is ahead of the host's.
    pub(super) clock_ahead_seconds: i64,
    /// Public endpoints serve no data, as for users who came after March 20, 2025.
    pub(super) public_data_closed: bool,
    /// The key of `/deployment/oss_key`.
    pub(super) key: KeyWorld,
    /// The temporary key of `/deployment/oss_temporary_key`.
    pub(super) temporary_key: KeyWorld,
    /// `/deployment/bucket`.
    pub(super) bucket: BucketWorld,
    /// `/deployment/exchange_bucket`.
    pub(super) exchange_bucket: BucketWorld,
}

impl Section for StorageWorld {
    const NAME: &'static str = "storage";
}

/// What the site file says; the service does not read it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteWorld {
    #[serde(rename = "endpoint")]
    _endpoint: String,
    #[serde(rename = "exchange_endpoint")]
    _exchange_endpoint: String,
}

/// The state of a key of the deployment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyWorld {
    pub(super) state: KeyState,
    /// What the secret is now, where it is not the one the site has.
    pub(super) secret: Option<String>,
    /// The RAM actions that no policy allows.
    pub(super) denied: Vec<String>,
    /// Its policies; everything is allowed where there are none.
    #[serde(default)]
    pub(super) policies: Option<Vec<Policy>>,
    pub(super) user: String,
}

/// The state of a bucket of the deployment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BucketWorld {
    pub(super) exists: bool,
    pub(super) region: String,
    pub(super) created: String,
    pub(super) versioned: bool,
    /// It refuses signatures of version 1.
    pub(super) v1_refused: bool,
    /// The actions that its bucket policy denies to everybody; `oss:*` for all.
    pub(super) policy_denies: Vec<String>,
    /// The nodes, or `*`, that a condition of its policy on the source address shuts out; the DSS host is never one of them.
    pub(super) policy_denies_from: Vec<String>,
    /// A retention policy is locked: nothing can be deleted or overwritten.
    pub(super) retention: bool,
    /// `Standard`, `IA`, `Archive`, `ColdArchive`.
    pub(super) storage_class: String,
    /// The account that owns it, where it is not the deployment's.
    pub(super) owner: Option<String>,
    /// The keys of empty objects that are there from the beginning.
    pub(super) objects: Vec<String>,
    /// What about it stands in the way, whatever policies allow.
    pub(super) refuses: Option<Refuses>,
    /// An appliance on the way to it answers every POST itself.
    pub(super) post_blocked: bool,
    /// An appliance on the way to it refuses longer bodies, in bytes.
    pub(super) body_limit: Option<usize>,
    /// What is done wrong by what serves it, which is not OSS but speaks its language.
    pub(super) does_wrong: Option<DoesWrong>,
}

/// What a store that imitates OSS does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DoesWrong {
    /// An upload in parts becomes an object of its last part alone.
    KeepsLastPart,
    /// It does not know of copies, and takes the request for a put without a body.
    EmptyCopies,
}

/// What a bucket refuses to everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Refuses {
    /// It is disabled.
    All,
    /// The policy of the VPC's endpoint does not name it.
    VpcEndpoint,
    /// Hotlink protection: requests without a `Referer`.
    Referer,
    /// The key of KMS cannot be used: objects are neither written nor read.
    Kms,
    /// To replace an object that is there.
    Overwrite,
}

/// Whether a key is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KeyState {
    Enabled,
    Disabled,
    Deleted,
    /// Of temporary keys: their time is over.
    Expired,
}
