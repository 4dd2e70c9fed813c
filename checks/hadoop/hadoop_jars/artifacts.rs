//! The artifacts that Hadoop needs for OSS, each known by a class of it.

use ackcheck_core::seat::dss::Jar;
use ackcheck_core::seat::dss::jars::{CLIENT_CLASS, FILE_SYSTEM_CLASS, HADOOP_CLASS};

/// An artifact, and what shows that it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Artifact {
    group: &'static str,
    pub name: &'static str,
    /// The version in the HOWTO.
    howto: &'static str,
    pub class: &'static str,
}

pub(super) const HADOOP_COMMON: Artifact =
    Artifact { group: "org.apache.hadoop", name: "hadoop-common", howto: "3.2.1", class: HADOOP_CLASS };
pub(super) const HADOOP_ALIYUN: Artifact =
    Artifact { group: "org.apache.hadoop", name: "hadoop-aliyun", howto: "3.2.1", class: FILE_SYSTEM_CLASS };
pub(super) const SDK: Artifact =
    Artifact { group: "com.aliyun.oss", name: "aliyun-sdk-oss", howto: "3.11.2", class: CLIENT_CLASS };

impl Artifact {
    /// The copies that the JVM can load its class from, in the order of the class path.
    pub(super) fn copies(self, jars: &[Jar]) -> Vec<&Jar> {
        let mut copies: Vec<&Jar> = Vec::new();
        for jar in jars.iter().filter(|jar| jar.brings(self.class)) {
            // A class path may list a folder twice.
            if !copies.iter().any(|copy| copy.path == jar.path) {
                copies.push(jar);
            }
        }
        copies
    }

    /// A file that seems to be the artifact and is of no use: by what it holds, or by its name.
    pub(super) fn pretender(self, jars: &[Jar]) -> Option<&Jar> {
        jars.iter().find(|jar| jar.holds.contains(&self.class) || is_named(&jar.name, self.name))
    }

    /// `group:artifact:version`; hadoop-aliyun is of the version of the Hadoop that is there.
    pub(super) fn coordinates(self, jars: &[Jar]) -> String {
        let hadoop = HADOOP_COMMON.copies(jars).first().and_then(|jar| jar.version());
        let version = if self.group == HADOOP_COMMON.group { hadoop.unwrap_or(self.howto) } else { self.howto };
        format!("{}:{}:{version}", self.group, self.name)
    }
}

/// True for `artifact.jar` and `artifact-VERSION.jar`, its sources and documentation too, and not for its tests.
fn is_named(file: &str, artifact: &str) -> bool {
    let Some(rest) = file.strip_suffix(".jar").and_then(|stem| stem.strip_prefix(artifact)) else { return false };
    let version = rest.strip_prefix('-').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()));
    (rest.is_empty() || version) && !rest.ends_with("-tests")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::seat::dss::JarState;

    fn jar(path: &str, entry: usize, holds: &[&'static str]) -> Jar {
        Jar {
            name: path.rsplit('/').next().unwrap().to_owned(),
            path: path.to_owned(),
            bytes: 1,
            state: JarState::Whole { coordinates: None },
            holds: holds.to_vec(),
            digest: Some(path.to_owned()),
            entry,
        }
    }

    #[test]
    fn a_class_is_what_counts() {
        let bundle = jar("/libs/oss-bundle.jar", 2, &[FILE_SYSTEM_CLASS, CLIENT_CLASS]);
        let tests = jar("/libs/hadoop-aliyun-3.2.1-tests.jar", 2, &[]);
        let sources = jar("/libs/hadoop-aliyun-3.2.1-sources.jar", 2, &[]);
        let jars = [bundle.clone(), tests.clone(), sources.clone()];
        assert_eq!(HADOOP_ALIYUN.copies(&jars), [&bundle]);
        assert_eq!(SDK.copies(&jars), [&bundle]);
        assert_eq!(HADOOP_ALIYUN.pretender(&[tests]), None);
        assert_eq!(HADOOP_ALIYUN.pretender(std::slice::from_ref(&sources)), Some(&sources));
        let damaged = Jar {
            state: JarState::Corrupt { entry: "x".to_owned(), why: "y".to_owned() },
            ..jar("/libs/aliyun-sdk-oss-3.11.2.jar", 2, &[CLIENT_CLASS])
        };
        assert!(SDK.copies(std::slice::from_ref(&damaged)).is_empty());
        assert_eq!(SDK.pretender(std::slice::from_ref(&damaged)), Some(&damaged));
    }

    #[test]
    fn the_version_is_that_of_hadoop() {
        let jars = [jar("/libs/hadoop-common-3.4.1.jar", 0, &[HADOOP_CLASS])];
        assert_eq!(HADOOP_ALIYUN.coordinates(&jars), "org.apache.hadoop:hadoop-aliyun:3.4.1");
        assert_eq!(SDK.coordinates(&jars), "com.aliyun.oss:aliyun-sdk-oss:3.11.2");
        assert_eq!(HADOOP_ALIYUN.coordinates(&[]), "org.apache.hadoop:hadoop-aliyun:3.2.1");
    }

    #[test]
    fn a_folder_that_is_listed_twice_is_one() {
        let once = jar("/libs/hadoop-aliyun-3.2.1.jar", 2, &[FILE_SYSTEM_CLASS]);
        let again = Jar { entry: 3, ..once.clone() };
        assert_eq!(HADOOP_ALIYUN.copies(&[once.clone(), again]), [&once]);
    }
}
