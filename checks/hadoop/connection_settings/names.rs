//! Names that are nearly those of settings that Hadoop reads. It ignores a name that it does not know.

use ackcheck_core::hadoop_configuration::{Configuration, Place};
use ackcheck_core::java;
use ackcheck_core::seat::dss::read;
use ackcheck_core::verdict::Finding;

use super::super::hadoop_keys::spelling;
use super::NEARLY_THE_NAME;

/// What connectors for other clouds and Alibaba's other tools call the same.
const CALLED_ELSEWHERE: [(&str, &str); 6] = [
    ("fs.oss.secretaccesskey", read::KEY_SECRET),
    ("fs.oss.accesskey", read::KEY_ID),
    ("fs.oss.secretkey", read::KEY_SECRET),
    ("fs.oss.access.key.id", read::KEY_ID),
    ("fs.oss.access.key.secret", read::KEY_SECRET),
    ("fs.oss.ststoken", read::SECURITY_TOKEN),
];

/// The first name that is nearly one that Hadoop reads, where that one is not set as well.
pub(super) fn nearly(connection: &str, configuration: &Configuration) -> Option<Finding> {
    configuration.settings().find_map(|(typed, setting)| {
        let right = meant(typed).filter(|right| configuration.setting(right).is_none())?;
        // Of all connections, hadoop-keys says it.
        if right == read::FILE_SYSTEM && setting.place == Place::Instance {
            return None;
        }
        let place = match setting.place {
            Place::Connection => format!("the connection {connection} sets"),
            Place::Instance => "a Hadoop config key is".to_owned(),
        };
        let seen = format!("{place} {}, and {right} is not set", java::quoted(typed));
        Some(NEARLY_THE_NAME.found(seen).with("found", typed).with("right_name", right))
    })
}

/// The setting that a name was meant to be; none where it is one, or of something else.
fn meant(typed: &str) -> Option<&'static str> {
    if read::is_read(typed) || !typed.to_ascii_lowercase().starts_with("fs.oss.") {
        return None;
    }
    let lower = typed.to_ascii_lowercase();
    let elsewhere = CALLED_ELSEWHERE.iter().find(|(name, _)| *name == lower).map(|(_, right)| *right);
    elsewhere.or_else(|| read::all().find(|right| right.starts_with("fs.oss.") && spelling::is_meant(typed, right)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_setting_that_was_meant() {
        for (typed, right) in [
            ("fs.oss.endPoint", read::ENDPOINT),
            ("fs.oss.end.point", read::ENDPOINT),
            ("fs.oss.secretAccessKey", read::KEY_SECRET),
            ("fs.oss.accessKeyID", read::KEY_ID),
            ("fs.oss.acessKeyId", read::KEY_ID),
            ("fs.oss.proxy.Host", read::PROXY_HOST),
        ] {
            assert_eq!(meant(typed), Some(right), "{typed}");
        }
        for other in ["fs.oss.endpoint", "fs.oss.comment", "fs.oss.buffer.dir", "fs.oss.block.size", "fs.s3a.endpoint"]
        {
            assert_eq!(meant(other), None, "{other}");
        }
    }
}
