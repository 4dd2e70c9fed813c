//! What about a bucket stands in the way of a request, whatever policies allow.

use http::Method;

use super::Bucket;
use super::canonical::SignedRequest;
use super::words::OssError;
use super::world::Refuses;

/// Lets a request pass that the bucket itself does not refuse. `closed`: the endpoint it came by serves no data.
pub(super) fn pass(
    bucket: &Bucket,
    object: Option<&str>,
    request: &SignedRequest,
    closed: bool,
) -> Result<(), OssError> {
    let about_bucket = ["bucketInfo", "location", "acl", "versioning"];
    let data = object.is_some() || !about_bucket.iter().any(|name| request.parameter(name).is_some());
    if closed && data {
        let message = "Public endpoint is forbidden for this operation.";
        return Err(OssError::new(400, "PublicEndpointForbidden", message).ec("0048-00000401"));
    }
    let moves_data = object.is_some() && matches!(request.method, Method::GET | Method::PUT | Method::POST);
    match bucket.world.refuses {
        Some(Refuses::All) => Err(OssError::new(403, "BucketDisable", "BucketDisable")),
        Some(Refuses::VpcEndpoint) => Err(OssError::new(403, "AccessDenied", "Access denied by VPC endpoint policy.")),
        Some(Refuses::Referer) if request.header("referer").is_none() => {
            let message = "You are denied by bucket referer policy.";
            Err(OssError::new(403, "AccessDenied", message).ec("0003-00000501"))
        }
        Some(Refuses::Kms) if moves_data => {
            Err(OssError::new(403, "AccessDenied", "This request is forbidden by kms."))
        }
        Some(Refuses::Referer | Refuses::Kms | Refuses::Overwrite) | None => Ok(()),
    }
}

/// Refuses to read what must be restored first.
pub(super) fn readable(bucket: &Bucket) -> Result<(), OssError> {
    match bucket.world.storage_class.as_str() {
        "Archive" | "ColdArchive" | "DeepColdArchive" => {
            Err(OssError::new(403, "InvalidObjectState", "The operation is not valid for the object's state"))
        }
        _ => Ok(()),
    }
}
