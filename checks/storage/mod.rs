//! Object storage: the buckets DSS keeps its data in.

use ackcheck_core::check::Check;

mod bucket;
pub(crate) mod host_clock;
pub(crate) mod oss_bucket_fit;
pub(crate) mod oss_copy;
pub(crate) mod oss_credentials;
pub(crate) mod oss_delete;
pub(crate) mod oss_endpoint;
pub(crate) mod oss_from_nodes;
pub(crate) mod oss_list;
pub(crate) mod oss_multipart;
pub(crate) mod oss_parents;
pub(crate) mod oss_post;
pub(crate) mod oss_read;
pub(crate) mod oss_signature;
pub(crate) mod oss_write;
mod refusal;
mod upload;

pub(crate) static CHECKS: &[&Check] = &[
    &oss_endpoint::CHECK,
    &host_clock::CHECK,
    &oss_credentials::CHECK,
    &oss_bucket_fit::CHECK,
    &oss_signature::CHECK,
    &oss_list::CHECK,
    &oss_parents::CHECK,
    &oss_write::CHECK,
    &oss_read::CHECK,
    &oss_delete::CHECK,
    &oss_post::CHECK,
    &oss_multipart::CHECK,
    &oss_copy::CHECK,
    &oss_from_nodes::CHECK,
];
