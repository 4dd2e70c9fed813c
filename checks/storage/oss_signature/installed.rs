//! What the jars of DSS can sign with.

use ackcheck_core::context::Context;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::jars::{CLIENT_CLASS, FILE_SYSTEM_CLASS};
use ackcheck_core::seat::dss::{DssVersion, Jar};
use ackcheck_core::verdict::Unseen;

/// The first that reads `fs.oss.signatureversion`.
const FIRST_ALIYUN: [u32; 2] = [3, 5];
/// The first that has `SignVersion.V4`
/// (<https://www.alibabacloud.com/help/en/oss/developer-reference/guidelines-for-upgrading-v1-signatures-to-v4-signatures>).
const FIRST_SDK: [u32; 3] = [3, 17, 4];

/// Jars that cannot make a signature of version 4.
pub(super) struct Unable {
    pub(super) why: String,
    /// They fail for want of it; else they sign with version 1.
    pub(super) fail: bool,
}

/// Why no signature of version 4 is made where the settings ask for it; none where one is. Where no files of DSS are to
/// be looked at, or the jars are not there yet, the settings are taken at their word.
pub(super) async fn cannot_sign_v4(context: &Context) -> Seen<Option<Unable>> {
    let jars = match context.dss() {
        Ok(dss) => dss.hadoop_jars().await,
        Err(why) => Err(why),
    };
    let jars = match jars {
        Ok(folder) => folder.jars,
        Err(Unseen::NotDescribed(_)) => return Ok(None),
        Err(why) => return Err(why),
    };
    judged(&jars)
}

fn judged(jars: &[Jar]) -> Seen<Option<Unable>> {
    let aliyun = version("hadoop-aliyun", FILE_SYSTEM_CLASS, jars)?;
    let sdk = version("aliyun-sdk-oss", CLIENT_CLASS, jars)?;
    Ok(match (aliyun, sdk) {
        (Some(aliyun), _) if !aliyun.at_least(&FIRST_ALIYUN) => {
            Some(Unable { why: format!("hadoop-aliyun {} always signs with version 1", aliyun.text), fail: false })
        }
        (Some(_), Some(sdk)) if !sdk.at_least(&FIRST_SDK) => {
            Some(Unable { why: format!("aliyun-sdk-oss {} has no version 4", sdk.text), fail: true })
        }
        _ => None,
    })
}

/// The version of the jar that brings a class; none where no jar does, as hadoop-jars says.
fn version(artifact: &str, class: &str, jars: &[Jar]) -> Seen<Option<DssVersion>> {
    let mut versions: Vec<Option<&str>> = jars.iter().filter(|jar| jar.brings(class)).map(Jar::version).collect();
    versions.dedup();
    let what = || format!("the version of {artifact} that DSS has");
    match versions.as_slice() {
        [] => Ok(None),
        [one] => {
            let read = one.and_then(DssVersion::parse);
            read.map(Some).ok_or_else(|| Unseen::unreadable(what(), "its jar does not tell it"))
        }
        _ => {
            Err(Unseen::unreadable(what(), "several jars bring its classes, and which of them Java takes is arbitrary"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::seat::dss::JarState;

    fn jar(artifact: &str, class: &'static str, version: &str) -> Jar {
        Jar {
            name: format!("{artifact}.jar"),
            path: artifact.to_owned(),
            bytes: 1,
            state: JarState::Whole { coordinates: Some(format!("g:{artifact}:{version}")) },
            holds: vec![class],
            digest: None,
            entry: 0,
        }
    }

    fn able(aliyun: &[&str], sdk: &str) -> Result<Option<bool>, String> {
        let mut jars: Vec<Jar> = aliyun.iter().map(|version| jar("a", FILE_SYSTEM_CLASS, version)).collect();
        jars.push(jar("s", CLIENT_CLASS, sdk));
        judged(&jars).map(|unable| unable.map(|unable| unable.fail)).map_err(|why| why.to_string())
    }

    #[test]
    fn it_takes_both_jars_to_sign_with_version_4() {
        assert_eq!(able(&["3.5.0"], "3.18.1"), Ok(None));
        assert_eq!(able(&["3.5.0"], "3.17.4"), Ok(None));
        assert_eq!(able(&["3.5.0"], "3.13.2"), Ok(Some(true)));
        assert_eq!(able(&["3.4.3"], "3.18.1"), Ok(Some(false)));
        assert_eq!(able(&["3.2.1"], "3.11.2"), Ok(Some(false)));
        // Not there yet.
        assert_eq!(able(&[], "3.11.2"), Ok(None));
        assert!(able(&["3.2.1", "3.5.0"], "3.18.1").unwrap_err().contains("arbitrary"));
        assert!(able(&["vendor"], "3.18.1").unwrap_err().contains("does not tell"));
    }
}
