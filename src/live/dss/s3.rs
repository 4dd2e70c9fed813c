//! The connections of DSS that speak S3, without their keys.

use serde_json::Value;

use super::settings::{self, Misshapen};
use ackcheck_core::seat::dss::S3Connection;
use ackcheck_core::secret::Scrubber;

/// Every connection of type EC2, which is what DSS calls S3.
///
/// # Errors
/// Where the document is not the map of connections that DSS writes.
pub(super) fn connections(document: &Value, scrubber: &Scrubber) -> Result<Vec<S3Connection>, Misshapen> {
    let of_s3 = |(_, connection): &(&String, &Value)| connection.get("type").and_then(Value::as_str) == Some("EC2");
    let read = |(name, connection): (&String, &Value)| {
        let endpoint = connection.pointer("/params/regionOrEndpoint").and_then(Value::as_str).unwrap_or_default();
        S3Connection {
            name: name.clone(),
            endpoint: scrubber.without_secrets(endpoint),
            path_style: connection.pointer("/params/usePathMode").and_then(Value::as_bool).unwrap_or(false),
        }
    };
    Ok(settings::connection_map(document)?.iter().filter(of_s3).map(read).collect())
}
