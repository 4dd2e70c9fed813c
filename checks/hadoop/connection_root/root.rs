//! Parsing of a connection's root.

/// What is wrong with a root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mistake {
    Missing,
    Scheme,
    Bucket(String),
    /// `oss://ID:SECRET@BUCKET.ENDPOINT/PATH`, which only E-MapReduce's connector takes apart.
    KeyInside,
    /// A bucket of OSS-HDFS: `oss://BUCKET.REGION.oss-dls.aliyuncs.com/PATH`.
    OssHdfs,
    Trailing(&'static str),
}

/// How a root names its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bucket {
    /// Written out.
    Written,
    /// By a variable, which DSS resolves.
    Variable,
}

/// Reads a root.
pub(super) fn read(root: &str) -> Result<Bucket, Mistake> {
    if root.trim().is_empty() {
        return Err(Mistake::Missing);
    }
    // Hadoop finds the file system by its scheme, in lower case and without white space before it.
    let rest = root.strip_prefix("oss://").ok_or(Mistake::Scheme)?;
    let (bucket, path) = rest.split_once('/').unwrap_or((rest.trim_end(), ""));
    if bucket.contains('@') {
        return Err(Mistake::KeyInside);
    }
    if bucket.to_ascii_lowercase().contains(".oss-dls.") {
        return Err(Mistake::OssHdfs);
    }
    let named = if bucket.contains("${") { Bucket::Variable } else { Bucket::Written };
    if named == Bucket::Written {
        bucket_name(bucket).map_err(Mistake::Bucket)?;
    }
    if root.trim_end() != root {
        return Err(Mistake::Trailing("it ends in white space"));
    }
    if path.ends_with('/') {
        return Err(Mistake::Trailing("it ends in a slash"));
    }
    if path.contains("//") {
        return Err(Mistake::Trailing("it has two slashes in a row"));
    }
    Ok(named)
}

/// The rules of OSS for bucket names: 3 to 63 lower-case letters, digits and hyphens, no hyphen at either end.
fn bucket_name(bucket: &str) -> Result<(), String> {
    if bucket.is_empty() {
        return Err("it does not name a bucket".to_owned());
    }
    if bucket.contains(".aliyuncs.com") {
        return Err("the endpoint belongs in fs.oss.endpoint, not after the bucket".to_owned());
    }
    if let Some(odd) = bucket.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')) {
        return Err(format!("a bucket name cannot contain {odd:?}"));
    }
    if bucket.starts_with('-') || bucket.ends_with('-') {
        return Err("a bucket name cannot start or end with a hyphen".to_owned());
    }
    if !(3..=63).contains(&bucket.len()) {
        return Err("a bucket name has 3 to 63 characters".to_owned());
    }
    Ok(())
}

/// The root it should be, as far as can be told from its text.
pub(super) fn right(root: &str) -> String {
    let rest = root.trim();
    let rest = rest.split_once(':').map_or(rest, |(_, rest)| rest).trim_start_matches('/');
    let mut parts = rest.split('/').filter(|part| !part.is_empty());
    let bucket = parts.next().and_then(|bucket| bucket.rsplit('@').next()).unwrap_or("BUCKET");
    let bucket = bucket.split('.').next().unwrap_or("BUCKET");
    let bucket = match bucket_name(bucket) {
        Ok(()) => bucket,
        Err(_) if bucket.contains("${") => bucket,
        Err(_) => "BUCKET",
    };
    let path = parts.map(|part| format!("/{part}")).collect::<String>();
    format!("oss://{bucket}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_roots_from_mistakes() {
        for fine in ["oss://my-bucket", "oss://my-bucket/a/b", "oss://b01/dss/${projectKey}"] {
            assert_eq!(read(fine), Ok(Bucket::Written), "{fine}");
        }
        assert_eq!(read("oss://${bucket}/a"), Ok(Bucket::Variable));
        assert_eq!(read("  "), Err(Mistake::Missing));
        for other in ["s3://my-bucket/a", "OSS://my-bucket/a", "oss:/my-bucket/a", "/my-bucket", " oss://my-bucket"] {
            assert_eq!(read(other), Err(Mistake::Scheme), "{other}");
        }
        for bucket in [
            "oss:///a",
            "oss://My-Bucket/a",
            "oss://my_bucket",
            "oss://-b1/",
            "oss://ab",
            "oss://b.oss-cn-hangzhou.aliyuncs.com/a",
        ] {
            assert!(matches!(read(bucket), Err(Mistake::Bucket(_))), "{bucket}");
        }
        assert_eq!(read("oss://•••@my-bucket.oss-cn-hangzhou.aliyuncs.com/a"), Err(Mistake::KeyInside));
        assert_eq!(read("oss://acme-dss.cn-hangzhou.oss-dls.aliyuncs.com/x"), Err(Mistake::OssHdfs));
        for trailing in ["oss://my-bucket/a/", "oss://my-bucket/a ", "oss://my-bucket ", "oss://my-bucket/a//b"] {
            assert!(matches!(read(trailing), Err(Mistake::Trailing(_))), "{trailing}");
        }
        // The slash of the bucket's own root is not a path.
        assert_eq!(read("oss://my-bucket/"), Ok(Bucket::Written));
    }

    #[test]
    fn says_the_right_root() {
        assert_eq!(right("s3a://my-bucket/a/b/ "), "oss://my-bucket/a/b");
        assert_eq!(right("oss:/my-bucket//a"), "oss://my-bucket/a");
        assert_eq!(right("oss://•••@my-bucket/a"), "oss://my-bucket/a");
        assert_eq!(right("oss://my-bucket.oss-cn-hangzhou.aliyuncs.com/a"), "oss://my-bucket/a");
        assert_eq!(right(""), "oss://BUCKET");
        assert_eq!(right("oss://My_Bucket/a"), "oss://BUCKET/a");
    }
}
