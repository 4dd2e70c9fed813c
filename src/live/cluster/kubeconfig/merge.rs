//! Several kubeconfig files as one, as `KUBECONFIG` lists them (client-go: `ClientConfigLoadingRules.Load`): the first file
//! that has an entry of a name has it whole, the first current context counts, files that are not there are passed over,
//! and one that cannot be read or decoded spoils them all. Paths in a file are meant from its own folder.

use std::path::{Path, PathBuf};

use kube::config::Kubeconfig;

use super::{LONGEST_FILE, learn, yaml};
use crate::cluster::unusable::Unusable;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::text_file::{self, Unread, Why};

/// The most files that are read.
const MOST_FILES: usize = 64;

/// The files of a list, as a shell's variable has them; nothing stands for no file.
pub(super) fn files(list: &Path) -> Vec<PathBuf> {
    std::env::split_paths(list).filter(|file| !file.as_os_str().is_empty()).collect()
}

/// Reads and merges them.
pub(super) fn read(list: &Path, scrubber: &Scrubber) -> Result<Kubeconfig, Unusable> {
    let files = files(list);
    if files.len() > MOST_FILES {
        return Err(Unusable::Ours(format!(
            "ackcheck reads {MOST_FILES} kubeconfig files, and {} are given",
            files.len()
        )));
    }
    let mut merged = Kubeconfig::default();
    let mut missing = Vec::new();
    for file in &files {
        match text_file::read(file, LONGEST_FILE) {
            Ok(text) => add(&mut merged, decoded(&text, file, scrubber)?),
            Err(unread) if is_passed_over(&unread) => missing.push(unread),
            Err(unread) => return Err(Unusable::Other(unread.to_string())),
        }
    }
    match missing.into_iter().next() {
        Some(unread) if files.len() == 1 => Err(Unusable::Other(unread.to_string())),
        Some(_) if merged.contexts.is_empty() && merged.clusters.is_empty() => {
            Err(Unusable::Other(format!("{}: none of its files that are there names a cluster", list.display())))
        }
        _ => Ok(merged),
    }
}

/// ENOENT alone; a file below a file is an error to Go.
fn is_passed_over(unread: &Unread) -> bool {
    let missing = || std::fs::metadata(&unread.path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    matches!(unread.why, Why::Missing | Why::Dangling) && missing()
}

/// One file, its paths made whole.
fn decoded(text: &str, file: &Path, scrubber: &Scrubber) -> Result<Kubeconfig, Unusable> {
    // Some editors begin a file with a byte order mark.
    let decoded = yaml::decoded(text.trim_start_matches('\u{feff}'));
    let mut decoded = decoded.map_err(|why| Unusable::Other(why).at(&file.display().to_string()))?;
    learn(&decoded, scrubber);
    let folder = file.parent().unwrap_or(Path::new(""));
    let whole = |path: &mut Option<String>| {
        if let Some(path) = path.as_mut().filter(|path| !path.is_empty()) {
            *path = folder.join(&*path).display().to_string();
        }
    };
    for cluster in decoded.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        whole(&mut cluster.certificate_authority);
    }
    for user in decoded.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        [&mut user.client_certificate, &mut user.client_key, &mut user.token_file].into_iter().for_each(whole);
        // A command with a slash is a path; one without is looked for in PATH.
        if let Some(exec) = user.exec.as_mut().filter(|exec| exec.command.as_ref().is_some_and(|it| it.contains('/'))) {
            whole(&mut exec.command);
        }
    }
    Ok(decoded)
}

/// Adds what no earlier file has.
fn add(merged: &mut Kubeconfig, file: Kubeconfig) {
    fn new<T>(old: &mut Vec<T>, more: Vec<T>, name: impl Fn(&T) -> &str) {
        let (mut fresh, known) = (Vec::new(), &*old);
        fresh.extend(more.into_iter().filter(|entry| !known.iter().any(|other| name(other) == name(entry))));
        old.extend(fresh);
    }
    new(&mut merged.clusters, file.clusters, |entry| &entry.name);
    new(&mut merged.contexts, file.contexts, |entry| &entry.name);
    new(&mut merged.auth_infos, file.auth_infos, |entry| &entry.name);
    let current = merged.current_context.take().filter(|name| !name.is_empty());
    merged.current_context = current.or(file.current_context);
}
