//! What is missing, as a finding: at what DSS meets it, who asks for it, and which jars bring it.

use ackcheck_core::seat::dss::JarLinkage;
use ackcheck_core::verdict::Finding;
use ackcheck_linkage::{Damage, Missing, Struck};

use super::{CLASS_MISSING, CORRUPT, JAVA_TOO_NEW, JAVA_TOO_OLD, METHOD_MISSING, jars};
use crate::hadoop::class_artifacts;

/// Parts of Java until its release 10.
const LEFT_JAVA: [&str; 2] = ["javax/xml/bind/", "javax/activation/"];
/// The first without them.
const WITHOUT: u16 = 11;
/// The most callers that are shown.
const CALLERS: usize = 8;

/// What the first thing that is missing proves; `common` is the version of the hadoop-common that is there.
pub(super) fn finding(seen: &JarLinkage, struck: &Struck, common: Option<&str>) -> Finding {
    let missing = &struck.missing;
    let when = when(struck.operation);
    let asked = struck.chain.first().map_or_else(String::new, |caller| format!(", which {caller} asks for"));
    let told = format!("{when} Hadoop fails: {} {missing}{asked}", missing.exception());
    let finding = match missing {
        Missing::Class { class } => of_class(seen, class, told),
        Missing::Method { jar, .. } | Missing::Field { jar, .. } => {
            let jar = jar.as_ref().map_or_else(String::new, |jar| jar.display().to_string());
            METHOD_MISSING.found(format!("{told}; {jar} has the class without it")).with("jar", jar)
        }
        Missing::TooNew { jar, version, java, .. } => {
            let jar = jar.as_ref().map_or_else(String::new, |jar| jar.display().to_string());
            let needs = version.saturating_sub(44);
            let said = format!("{told}; {jar} is for Java {needs}, and DSS's is Java {java}");
            JAVA_TOO_OLD.found(said).with("jar", jar).with("needed", needs.to_string()).with("java", seen.java.as_str())
        }
        Missing::Malformed { jar, .. } => {
            let jar = jar.as_ref().map_or_else(String::new, |jar| jar.display().to_string());
            CORRUPT.found(format!("{told}; {jar} has it damaged")).with("jar", jar)
        }
    };
    let mut chain = struck.chain.clone();
    chain.truncate(CALLERS);
    let chain = if chain.is_empty() { "DSS itself".to_owned() } else { chain.join("\n") };
    let finding = finding.with("missing", missing.to_string()).with("when", when).with("chain", chain);
    // Without a hadoop-common nothing of it is known; what asks for it is in the release of the HOWTO.
    let set = jars::that_fit(common.unwrap_or("3.2.1"));
    finding.with("set", set.join("\n")).with("common", common.unwrap_or("3.2.1"))
}

fn of_class(seen: &JarLinkage, class: &str, told: String) -> Finding {
    let coordinates = class_artifacts::of(class);
    if let Some(damage) = damage(&seen.linkage.damaged, class, coordinates) {
        let jar = damage.jar.display().to_string();
        let entry = damage.entry.as_ref().map_or_else(String::new, |entry| format!(" ({entry})"));
        let said = format!("{told}; {jar}{entry} is damaged: {}", damage.why);
        return CORRUPT.found(said).with("jar", jar);
    }
    if seen.linkage.java >= WITHOUT && LEFT_JAVA.iter().any(|package| class.starts_with(package)) {
        return JAVA_TOO_NEW.found(told).with("coordinates", coordinates).with("java", seen.java.as_str());
    }
    CLASS_MISSING.found(told).with("class", class).with("coordinates", coordinates)
}

/// The damage that takes a class away: of the class itself, or of a jar that has the name of its artifact.
fn damage<'a>(damaged: &'a [Damage], class: &str, coordinates: &str) -> Option<&'a Damage> {
    let artifact = coordinates.split(':').nth(1).unwrap_or_default();
    let is_named = |damage: &Damage| {
        let name = damage.jar.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.strip_prefix(artifact).is_some_and(|rest| rest.starts_with('-') || rest.starts_with('.'))
    };
    damaged.iter().find(|damage| match &damage.entry {
        Some(entry) => entry.strip_suffix(".class") == Some(class),
        None => is_named(damage),
    })
}

/// What DSS does when an operation fails.
fn when(operation: &str) -> &'static str {
    match operation {
        "configuration" => "before DSS opens a connection,",
        "init" => "when DSS opens a connection,",
        "stat" => "at the first request, when DSS looks at an object,",
        "stat-missing" => "when DSS looks for what is not there,",
        "list" => "when DSS lists a folder,",
        "get" => "when DSS reads an object,",
        "mkdir" => "when DSS makes a folder,",
        "put" => "when DSS writes an object,",
        "rename" => "when DSS renames something,",
        "delete" => "when DSS deletes something,",
        "context" => "when a job opens the bucket by a FileContext,",
        _ => "when OSS refuses a request,",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_damaged_jar_is_blamed_for_its_own_classes_alone() {
        let whole =
            |name: &str| Damage { jar: PathBuf::from(format!("/libs/{name}")), entry: None, why: String::new() };
        let damaged = [whole("jdom2-2.0.6.jar"), whole("jdom2x-1.jar")];
        let found =
            |class: &str, coordinates: &str| damage(&damaged, class, coordinates).map(|damage| damage.jar.clone());
        assert_eq!(found("org/jdom2/Document", "org.jdom:jdom2:2.0.6"), Some("/libs/jdom2-2.0.6.jar".into()));
        assert_eq!(found("org/jdom/Document", "org.jdom:jdom:1.1.3"), None);
        let entry = Damage { entry: Some("a/B.class".to_owned()), ..whole("x.jar") };
        assert!(damage(std::slice::from_ref(&entry), "a/B", "g:y:1").is_some());
        assert!(damage(std::slice::from_ref(&entry), "a/C", "g:x:1").is_none());
    }
}
