//! How far apart kubectl and a cluster may be: one minor version, older or newer (kubernetes.io, "Version Skew Policy").

/// Whether they are further apart. A version that cannot be read is none to compare.
pub(super) fn too_far(client: &str, server: &str) -> bool {
    match (read(client), read(server)) {
        (Some((major, minor)), Some((other_major, other_minor))) => {
            major != other_major || minor.abs_diff(other_minor) > 1
        }
        _ => false,
    }
}

/// `1.32` of `v1.32.1-aliyun.1`.
pub(super) fn minor_of(version: &str) -> String {
    read(version).map_or_else(|| version.to_owned(), |(major, minor)| format!("{major}.{minor}"))
}

fn read(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.strip_prefix('v')?.split('.');
    let (major, minor) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    // A kubectl that was built without its version says v0.0.0.
    (major > 0).then_some((major, minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_minor_version_is_supported_either_way() {
        for (client, server, far) in [
            ("v1.32.4", "v1.32.1-aliyun.1", false),
            ("v1.31.0", "v1.32.1-aliyun.1", false),
            ("v1.33.0-alpha.1", "v1.32.1", false),
            ("v1.28.15", "v1.32.1", true),
            ("v1.30.0", "v1.28.9-aliyun.1", true),
            ("v2.1.0", "v1.1.0", true),
            ("v0.0.0-master+$Format:%H$", "v1.32.1", false),
            ("", "v1.32.1", false),
        ] {
            assert_eq!(too_far(client, server), far, "{client} {server}");
        }
        assert_eq!(minor_of("v1.32.1-aliyun.1"), "1.32");
    }
}
