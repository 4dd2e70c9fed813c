//! The standalone Hadoop libraries include exactly one intact hadoop-aliyun and one aliyun-sdk-oss jar (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::{Jar, JarFolder, JarState};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod trials;

static MISSING: Code = Code::fail("missing", "a jar needed for OSS is not among Hadoop's libraries");
static DUPLICATE: Code =
    Code::fail("duplicate", "two copies of a jar are present, and which one Java loads is arbitrary");
static NOT_A_JAR: Code = Code::fail("not-a-jar", "a .jar file is not an archive (often a saved web page)");
static TRUNCATED: Code = Code::fail("truncated", "a jar is truncated: its download or copy was interrupted");
static UNREADABLE: Code = Code::fail("unreadable", "a jar is present but cannot be read");

/// The artifacts needed for OSS: group, name, and the version in the HOWTO. That of hadoop-aliyun follows hadoop-common.
const WANTED: [(&str, &str, &str); 2] =
    [("org.apache.hadoop", "hadoop-aliyun", "3.2.1"), ("com.aliyun.oss", "aliyun-sdk-oss", "3.11.2")];

pub(crate) static CHECK: Check = Check {
    id: "hadoop-jars",
    title: "DSS has exactly one intact hadoop-aliyun jar and one aliyun-sdk-oss jar",
    stage: Stage::Acceptance,
    needs: &[&super::hadoop_integration::CHECK],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&MISSING, &DUPLICATE, &NOT_A_JAR, &TRUNCATED, &UNREADABLE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

/// True for a jar that is the artifact: by the coordinates it carries, or by its name where it carries none.
fn is(jar: &Jar, artifact: &str) -> bool {
    match &jar.state {
        JarState::Whole { coordinates: Some(coordinates) } => coordinates.split(':').nth(1) == Some(artifact),
        _ => is_named(&jar.name, artifact),
    }
}

/// True for `artifact.jar` and `artifact-VERSION.jar`, not for its sources, documentation or tests.
fn is_named(file: &str, artifact: &str) -> bool {
    let Some(rest) = file.strip_suffix(".jar").and_then(|stem| stem.strip_prefix(artifact)) else { return false };
    let other = ["-sources", "-javadoc", "-tests"].iter().any(|end| rest.ends_with(end));
    !other && (rest.is_empty() || rest.strip_prefix('-').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit())))
}

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let JarFolder { path, jars } = dss.hadoop_jars().await?;
    let hadoop = jars.iter().find(|jar| is(jar, "hadoop-common")).and_then(version_of).unwrap_or("3.2.1");
    let version = |artifact: &str, howto: &'static str| if artifact == "hadoop-aliyun" { hadoop } else { howto };
    let coordinates = |(group, artifact, howto): (&str, &str, &'static str)| {
        format!("{group}:{artifact}:{}", version(artifact, howto))
    };

    // A file that cannot be used explains more than the absence of one that can.
    let held = ["hadoop-common", "hadoop-aliyun", "aliyun-sdk-oss"];
    for jar in jars.iter().filter(|jar| held.iter().any(|artifact| is(jar, artifact))) {
        let (code, why) = match &jar.state {
            JarState::Whole { .. } => continue,
            JarState::NotAJar { starts } => (&NOT_A_JAR, format!("it is not an archive; it starts with {starts:?}")),
            JarState::Truncated { why } => (&TRUNCATED, format!("{} bytes, {why}", jar.bytes)),
            JarState::Unreadable { why } => (&UNREADABLE, why.clone()),
        };
        let wanted = WANTED.into_iter().find(|(_, artifact, _)| is(jar, artifact));
        let artifact = wanted.map_or_else(|| format!("org.apache.hadoop:hadoop-common:{hadoop}"), coordinates);
        let finding = code.found(format!("{}: {why}", jar.path)).with("file", jar.path.as_str());
        return Ok(finding.with("libs", path).with("coordinates", artifact).into());
    }

    let missing: Vec<String> = WANTED
        .into_iter()
        .filter(|(_, artifact, _)| !jars.iter().any(|jar| is(jar, artifact)))
        .map(coordinates)
        .collect();
    if !missing.is_empty() {
        let finding = MISSING.found(format!("{path} does not contain {}", missing.join(" or ")));
        let copies = missing.iter().map(|jar| format!("mvn dependency:copy -Dartifact={jar} -DoutputDirectory={path}"));
        return Ok(finding.with("copies", copies.collect::<Vec<_>>().join("\n")).with("libs", path).into());
    }
    for wanted in WANTED {
        let found: Vec<&str> = jars.iter().filter(|jar| is(jar, wanted.1)).map(|jar| jar.path.as_str()).collect();
        if found.len() > 1 {
            let finding = DUPLICATE.found(format!("{} copies of {}: {}", found.len(), wanted.1, found.join(", ")));
            let keep = coordinates(wanted);
            return Ok(finding.with("files", found.join("\n")).with("coordinates", keep).with("libs", path).into());
        }
    }
    Ok(Verdict::Pass)
}

/// The version a jar carries, or its name.
fn version_of(jar: &Jar) -> Option<&str> {
    match &jar.state {
        JarState::Whole { coordinates: Some(coordinates) } => coordinates.rsplit(':').next(),
        _ => jar.name.strip_suffix(".jar")?.rsplit('-').next(),
    }
}
