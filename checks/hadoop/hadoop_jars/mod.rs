//! The class path of DSS's Hadoop reaches the classes for OSS, intact and once (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::{Jar, JarFolder, JarState};
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod artifacts;
mod trials;

use artifacts::{Artifact, HADOOP_ALIYUN, HADOOP_COMMON, SDK};

static MISSING: Code = Code::fail("missing", "a jar needed for OSS is not among Hadoop's libraries");
static DUPLICATE: Code =
    Code::fail("duplicate", "two different jars bring the same classes, and Java mixes or loads the wrong ones");
static NOT_A_JAR: Code = Code::fail("not-a-jar", "a .jar file is not an archive (often a saved web page)");
static NO_CLASSES: Code =
    Code::fail("no-classes", "a jar has the right name but does not contain the classes (often its sources)");
static TRUNCATED: Code = Code::fail("truncated", "a jar is truncated: its download or copy was interrupted");
static CORRUPT: Code = Code::fail("corrupt", "a jar is damaged inside, so Java cannot load its classes");
static UNREADABLE: Code = Code::fail("unreadable", "a jar is present but cannot be read");
static IDENTICAL_COPIES: Code = Code::warn("identical-copies", "the same jar is present twice");

pub(crate) static CHECK: Check = Check {
    id: "hadoop-jars",
    title: "DSS has exactly one intact hadoop-aliyun jar and one aliyun-sdk-oss jar",
    stage: Stage::Acceptance,
    needs: &[&super::hadoop_integration::CHECK, &crate::dss::env_scripts::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&MISSING, &DUPLICATE, &NOT_A_JAR, &NO_CLASSES, &TRUNCATED, &CORRUPT, &UNREADABLE, &IDENTICAL_COPIES],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let JarFolder { path, jars, .. } = dss.hadoop_jars().await?;
    // A file that cannot be used explains more than the absence of one that can.
    for artifact in [HADOOP_COMMON, HADOOP_ALIYUN, SDK] {
        if artifact.copies(&jars).is_empty()
            && let Some(jar) = artifact.pretender(&jars)
        {
            let finding = of_no_use(jar, artifact).with("file", jar.path.as_str()).with("libs", path);
            return Ok(finding.with("coordinates", artifact.coordinates(&jars)).into());
        }
    }
    let missing: Vec<String> = [HADOOP_ALIYUN, SDK]
        .into_iter()
        .filter(|artifact| artifact.copies(&jars).is_empty())
        .map(|artifact| artifact.coordinates(&jars))
        .collect();
    if !missing.is_empty() {
        let finding = MISSING.found(format!("{path} does not contain {}", missing.join(" or ")));
        let copies = missing.iter().map(|jar| format!("mvn dependency:copy -Dartifact={jar} -DoutputDirectory={path}"));
        return Ok(finding.with("copies", copies.collect::<Vec<_>>().join("\n")).with("libs", path).into());
    }
    for code in [&DUPLICATE, &IDENTICAL_COPIES] {
        for artifact in [HADOOP_ALIYUN, SDK] {
            let copies = artifact.copies(&jars);
            if copies.len() < 2 || are_identical(&copies) != (code.name == IDENTICAL_COPIES.name) {
                continue;
            }
            let paths: Vec<&str> = copies.iter().map(|jar| jar.path.as_str()).collect();
            let seen = format!("{} copies of {}: {}", paths.len(), artifact.name, paths.join(", "));
            let finding = code.found(format!("{seen}; {}", winner(&copies)));
            let finding = finding.with("files", paths.join("\n")).with("others", paths[1..].join(" "));
            return Ok(finding.with("coordinates", artifact.coordinates(&jars)).into());
        }
    }
    Ok(Verdict::Pass)
}

/// Why a file that seems to be the artifact is none to Java.
fn of_no_use(jar: &Jar, artifact: Artifact) -> Finding {
    let (code, why) = match &jar.state {
        JarState::Whole { .. } => (&NO_CLASSES, format!("it does not contain {}.class", artifact.class)),
        JarState::NotAJar { starts } => (&NOT_A_JAR, format!("it is not an archive; it starts with {starts:?}")),
        JarState::Truncated { why } => (&TRUNCATED, format!("{} bytes, {why}", jar.bytes)),
        JarState::Corrupt { entry, why } => (&CORRUPT, format!("{entry} is damaged ({why})")),
        JarState::Unreadable { why } => (&UNREADABLE, format!("{why}; to Java it is absent")),
    };
    code.found(format!("{}: {why}", jar.path))
}

/// True where every copy has the same bytes.
fn are_identical(copies: &[&Jar]) -> bool {
    let first = copies.first().and_then(|jar| jar.digest.as_deref());
    first.is_some() && copies.iter().all(|jar| jar.digest.as_deref() == first)
}

/// Which copy Java takes.
fn winner(copies: &[&Jar]) -> String {
    match copies {
        [first, second, ..] if first.entry != second.entry => {
            format!("Java takes the classes of {}, which comes first on the class path", first.path)
        }
        _ => "they are in one folder, so which one Java takes is arbitrary".to_owned(),
    }
}
