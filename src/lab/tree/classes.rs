//! The classes in the jars of the lab: small ones that ask for each other as the real ones do, and do nothing else.

use anyhow::{Context as _, bail};
use serde::Deserialize;

use ackcheck_linkage::writer::{ClassWriter, Does};

const CLASSES: &str = include_str!("../../../fixtures/dss/common/classes.json");
/// What the lab's Java has of its own: a class, and what it extends.
const OF_JAVA: [(&str, &str, &[&str]); 5] = [
    ("java/lang/Object", "", &["<init>()V"]),
    ("java/lang/Throwable", "java/lang/Object", &["<init>()V"]),
    ("java/lang/Exception", "java/lang/Throwable", &["<init>()V"]),
    ("java/lang/String", "java/lang/Object", &[]),
    ("java/net/URI", "java/lang/Object", &[]),
];
/// Until Java 10 it has JAXB too.
const WITH_JAXB: u16 = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "comment")]
    _comment: String,
    classes: Vec<Class>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    artifact: String,
    /// Of the artifact in this version alone, in place of the others' class of its name.
    version: Option<String>,
    class: String,
    extends: String,
    methods: serde_json::Map<String, serde_json::Value>,
    /// The Java that it is compiled for.
    java: Option<u16>,
}

/// The classes of a version of an artifact: the names of the files, and their contents.
///
/// # Errors
/// Where `fixtures/dss/common/classes.json` cannot be understood.
pub(super) fn of(artifact: &str, version: &str) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let file: File = serde_json::from_str(CLASSES).context("fixtures/dss/common/classes.json")?;
    let of_artifact = || file.classes.iter().filter(|class| class.artifact == artifact);
    let own: Vec<&Class> = of_artifact().filter(|class| class.version.as_deref() == Some(version)).collect();
    let is_replaced = |class: &&Class| own.iter().any(|own| own.class == class.class);
    let of_all = of_artifact().filter(|class| class.version.is_none() && !is_replaced(class));
    let mut files = Vec::new();
    for class in of_all.chain(own.iter().copied()) {
        let written = class.write().with_context(|| format!("fixtures/dss/common/classes.json: {}", class.class))?;
        files.push((format!("{}.class", class.class), written));
    }
    Ok(files)
}

impl Class {
    fn write(&self) -> anyhow::Result<Vec<u8>> {
        let mut writer = ClassWriter::new(&self.class, &self.extends);
        if let Some(java) = self.java {
            writer = writer.for_java(java);
        }
        for (signature, does) in &self.methods {
            let (is_static, signature) = match signature.strip_prefix("static ") {
                Some(signature) => (true, signature),
                None => (false, signature.as_str()),
            };
            let (name, descriptor) = split(signature)?;
            let lines = does.as_array().context("a method is a list of what it does")?;
            let does = lines
                .iter()
                .map(|line| does_what(line.as_str().context("a text")?))
                .collect::<anyhow::Result<Vec<Does<'_>>>>()?;
            writer = writer.method(is_static, name, descriptor, &does);
        }
        Ok(writer.write())
    }
}

fn split(signature: &str) -> anyhow::Result<(&str, &str)> {
    let at = signature.find('(').with_context(|| format!("{signature:?} has no descriptor"))?;
    Ok(signature.split_at(at))
}

fn does_what(line: &str) -> anyhow::Result<Does<'_>> {
    let words: Vec<&str> = line.split(' ').collect();
    Ok(match *words.as_slice() {
        ["makes", class, descriptor] => Does::Makes(class, descriptor),
        ["catches", class] => Does::Catches(class),
        ["calls", member, descriptor] => {
            let (class, name) = member.rsplit_once('.').context("CLASS.METHOD")?;
            Does::Calls(class, name, descriptor)
        }
        ["static", member, descriptor] => {
            let (class, name) = member.rsplit_once('.').context("CLASS.METHOD")?;
            Does::CallsStatic(class, name, descriptor)
        }
        _ => bail!("{line:?} is not something that a method does"),
    })
}

/// The classes that the Java of the lab has itself, in the version of class files of its own.
pub(super) fn of_java(feature: u16) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for (class, extends, constructors) in OF_JAVA {
        let mut writer = ClassWriter::new(class, extends).for_java(feature);
        for constructor in constructors {
            let (name, descriptor) = split(constructor)?;
            writer = writer.method(false, name, descriptor, &[]);
        }
        files.push((format!("{class}.class"), writer.write()));
    }
    if feature <= WITH_JAXB {
        files.extend(of("jaxb-api", "")?);
    }
    Ok(files)
}
