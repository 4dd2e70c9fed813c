//! Which jars fit a Hadoop: sets with which real Hadoop did everything on a real JVM (`ci/oracles/linkage`).

/// The versions of hadoop-common, from this one on, and the SDK that hadoop-aliyun of the same version was built with.
const SETS: [(&[u32], &str); 3] = [(&[3, 5], "3.18.1"), (&[3, 3, 4], "3.13.2"), (&[0], "3.11.2")];
/// What the SDK needs in every version, and Hadoop does not bring.
const JDOM: &str = "org.jdom:jdom2:2.0.6";

/// The Maven coordinates of hadoop-aliyun, of the SDK, and of what it needs, that fit a hadoop-common.
pub(super) fn that_fit(common: &str) -> [String; 3] {
    let parts: Vec<u32> = common.split('.').map_while(|part| part.parse().ok()).collect();
    let sdk = SETS.iter().find(|(from, _)| parts.as_slice() >= *from).map_or(SETS[2].1, |(_, sdk)| sdk);
    [
        format!("org.apache.hadoop:hadoop-aliyun:{common}"),
        format!("com.aliyun.oss:aliyun-sdk-oss:{sdk}"),
        JDOM.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::that_fit;

    #[test]
    fn the_sdk_is_the_one_that_hadoop_was_built_with() {
        for (common, sdk) in
            [("3.1.4", "3.11.2"), ("3.2.1", "3.11.2"), ("3.3.6", "3.13.2"), ("3.4.1", "3.13.2"), ("3.5.0", "3.18.1")]
        {
            let [aliyun, found, _] = that_fit(common);
            assert_eq!(
                (aliyun, found),
                (format!("org.apache.hadoop:hadoop-aliyun:{common}"), format!("com.aliyun.oss:aliyun-sdk-oss:{sdk}"))
            );
        }
    }
}
