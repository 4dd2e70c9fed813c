//! Whether the classes on the class path of DSS's backend find each other: read in its jars, and in those of its Java.

use std::path::PathBuf;

use super::directory::Directory;
use super::java;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::JarLinkage;
use ackcheck_core::verdict::Unseen;
use ackcheck_linkage::Settings;

/// Walks what DSS does through Hadoop, over the class path that it starts its backend with.
///
/// # Errors
/// Where the class path is only known when DSS starts, or a jar or Java's classes cannot be read: then nothing is known.
pub(super) fn of(directory: &Directory, settings: Settings) -> Seen<JarLinkage> {
    let started = java::of(directory)?;
    let program = started.program.display().to_string();
    // What DSS names is often a link into the folder of Java.
    let home = started.program.canonicalize().ok();
    let home = home.as_deref().and_then(|program| program.parent()?.parent());
    let home = home.ok_or_else(|| Unseen::unreadable(program.clone(), "it is not there"))?;
    let class_path: Vec<PathBuf> = started.class_path.iter().map(PathBuf::from).collect();
    let linkage = ackcheck_linkage::of(&class_path, home, settings);
    let linkage = linkage.map_err(|unread| Unseen::unreadable(unread.path.display().to_string(), unread.why))?;
    Ok(JarLinkage { linkage, java: program, told_by: started.told_by })
}
