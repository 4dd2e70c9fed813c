//! A version of Spark, and the Java that it runs on.

use std::fmt::{Display, Formatter, Result};

/// As the jar `spark-kubernetes` has it, which is in every Spark that was built for Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SparkVersion {
    text: String,
    major: u32,
    minor: u32,
}

impl SparkVersion {
    /// Of `spark-kubernetes_2.12-3.4.1.jar`; none of another jar.
    pub(super) fn of_jar(name: &str) -> Option<SparkVersion> {
        let rest = name.strip_prefix("spark-kubernetes_")?.strip_suffix(".jar")?;
        let (_scala, text) = rest.split_once('-')?;
        let mut numbers = text.split(['.', '-']).map(str::parse);
        let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(SparkVersion { text: text.to_owned(), major, minor })
    }

    /// Whether it runs on a feature release of Java, as far as that is known: Spark 2 needs Java 8
    /// (`_install-spark-integration.sh` of DSS 9.0.5 refuses others), Spark 3 runs on 17 from 3.3 on (SPARK-33772), and
    /// the classes of Spark 4 are made for 17 (<https://spark.apache.org/docs/4.0.0/>).
    pub(super) fn runs_on(&self, java: u32) -> bool {
        match (self.major, self.minor) {
            (..=2, _) => java == 8,
            (3, ..=2) => java < 17,
            (3, _) => java >= 8,
            _ => java >= 17,
        }
    }

    pub(super) fn wants(&self) -> &'static str {
        match (self.major, self.minor) {
            (..=2, _) => "8",
            (3, ..=2) => "8 or 11",
            (3, _) => "8, 11 or 17",
            _ => "17 or later",
        }
    }
}

impl Display for SparkVersion {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spark_has_its_java() {
        let runs = |jar: &str, java| SparkVersion::of_jar(jar).unwrap().runs_on(java);
        for (jar, java, expected) in [
            ("spark-kubernetes_2.11-2.4.5.jar", 8, true),
            ("spark-kubernetes_2.11-2.4.5.jar", 11, false),
            ("spark-kubernetes_2.12-3.0.1.jar", 11, true),
            ("spark-kubernetes_2.12-3.2.1.jar", 17, false),
            ("spark-kubernetes_2.12-3.4.1.jar", 17, true),
            ("spark-kubernetes_2.13-4.1.2.jar", 11, false),
            ("spark-kubernetes_2.13-4.1.2.jar", 17, true),
        ] {
            assert_eq!(runs(jar, java), expected, "{jar} {java}");
        }
        assert_eq!(SparkVersion::of_jar("spark-core_2.12-3.4.1.jar"), None);
        assert_eq!(SparkVersion::of_jar("spark-kubernetes_2.12.jar"), None);
    }
}
