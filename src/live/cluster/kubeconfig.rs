//! A kubeconfig file as kubectl reads it, with what kube leaves unbounded taken over: the file's size, and plugins.

use std::path::Path;
use std::time::Duration;

use kube::config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError};
use secrecy::SecretString;

use super::plugin;
use super::user::{base64_of, teach};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::dss::containers::KubeconfigState;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::text_file;

/// Larger than any kubeconfig, smaller than a mistake.
const LONGEST_FILE: u64 = 4 << 20;

/// Why a kubeconfig does not lead to a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is no such context; the ones there are.
    Context { wanted: String, have: Vec<String> },
    /// Anything else, in words.
    Other(String),
}

/// One context of a kubeconfig.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) file: Kubeconfig,
    pub(super) context: String,
    pub(super) server: String,
    pub(super) user: AuthInfo,
    /// The cluster's entry, as plugins that ask for it are told.
    cluster: Cluster,
    /// The kubeconfig names a proxy for this cluster.
    pub(super) proxy: Option<String>,
}

impl std::fmt::Debug for Chosen {
    /// Without the user: an exec plugin's environment stands in it as it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chosen").field("context", &self.context).finish_non_exhaustive()
    }
}

/// The name of the file's current context; the error says why there is none.
pub(crate) fn current_context(path: &Path) -> Result<String, String> {
    match read(path, None, &Scrubber::default()) {
        Ok(chosen) => Ok(chosen.context),
        Err(Unusable::Context { wanted, have }) => {
            Err(format!("{} has no context {wanted:?}; it has {}", path.display(), have.join(", ")))
        }
        Err(Unusable::Other(why)) => Err(why),
    }
}

/// Where a kubeconfig leads; nothing is asked, and no plugin run. The error says why it cannot be used.
pub(crate) fn leads_to(path: &Path, context: Option<&str>, scrubber: &Scrubber) -> Result<KubeconfigState, String> {
    match read(path, context, scrubber) {
        Ok(chosen) => Ok(KubeconfigState::Leads {
            context: chosen.context,
            server: scrubber.without_secrets(&chosen.server),
            authority: chosen.cluster.certificate_authority_data,
        }),
        Err(Unusable::Context { wanted, have }) => Ok(KubeconfigState::NoContext { wanted, have }),
        Err(Unusable::Other(why)) => Err(why),
    }
}

/// Reads the file and picks the context. The scrubber knows every secret of the file from then on, whoever's it is.
pub(super) fn read(path: &Path, context: Option<&str>, scrubber: &Scrubber) -> Result<Chosen, Unusable> {
    let other = |why: String| Unusable::Other(format!("{}: {why}", path.display()));
    let text = text_file::read(path, LONGEST_FILE).map_err(|unread| Unusable::Other(unread.to_string()))?;
    // Some editors begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    let mut file = Kubeconfig::from_yaml(text).map_err(|error| other(unquoted(&error)))?;
    for user in file.auth_infos.iter().filter_map(|named| named.auth_info.as_ref()) {
        teach(user, scrubber);
    }
    for cluster in file.clusters.iter().filter_map(|named| named.cluster.as_ref()) {
        for url in [&cluster.server, &cluster.proxy_url].into_iter().flatten() {
            scrubber.without_secrets(url);
        }
    }
    if file.contexts.is_empty() && file.clusters.is_empty() {
        return Err(other("names no cluster and no context, so it is no kubeconfig".to_owned()));
    }
    let wanted = context.map(str::to_owned).or_else(|| file.current_context.clone()).unwrap_or_default();
    let have = || file.contexts.iter().map(|context| context.name.clone()).collect::<Vec<_>>();
    let Some(found) =
        file.contexts.iter().find(|context| context.name == wanted).and_then(|named| named.context.clone())
    else {
        return Err(Unusable::Context { wanted, have: have() });
    };
    let cluster = file.clusters.iter().find(|cluster| cluster.name == found.cluster).and_then(|it| it.cluster.clone());
    let Some(cluster) = cluster else {
        return Err(other(format!("context {wanted} names the cluster {}, which is not there", found.cluster)));
    };
    let Some(server) = cluster.server.clone().filter(|server| !server.is_empty()) else {
        return Err(other(format!("cluster {} has no server", found.cluster)));
    };
    let named = found.user.clone().unwrap_or_default();
    let user = file.auth_infos.iter().find(|user| user.name == named).and_then(|user| user.auth_info.clone());
    let Some(user) = user else {
        return Err(other(format!("context {wanted} names the user {named:?}, which is not there")));
    };
    if user.auth_provider.is_some() {
        return Err(other(format!("user {named} uses an auth-provider, which Kubernetes dropped in 1.26: use exec")));
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let user = with_files_read(user, folder).map_err(|why| other(format!("user {named}: {why}")))?;
    teach(&user, scrubber);
    let cluster = with_authority_read(cluster, folder);
    let cluster = cluster.map_err(|why| other(format!("cluster {}: {why}", found.cluster)))?;
    for named in file.clusters.iter_mut().filter(|named| named.name == found.cluster) {
        named.cluster = Some(cluster.clone());
    }
    let proxy = cluster.proxy_url.clone().filter(|url| !url.is_empty());
    Ok(Chosen { context: wanted, server, user, cluster, proxy, file })
}

/// Reads a file that a kubeconfig names; a relative path is meant from the kubeconfig's folder.
fn file_named(folder: &Path, file: Option<String>) -> Result<Option<String>, String> {
    let Some(file) = file.filter(|file| !file.is_empty()) else { return Ok(None) };
    text_file::read(&folder.join(file), LONGEST_FILE).map(Some).map_err(|unread| unread.to_string())
}

/// The user with what its files hold in place of their names: kube would read them without a limit. What is written in
/// the kubeconfig itself goes before a file.
fn with_files_read(mut user: AuthInfo, folder: &Path) -> Result<AuthInfo, String> {
    let token = file_named(folder, user.token_file.take())?.map(|token| SecretString::from(token.trim().to_owned()));
    user.token = user.token.or(token);
    let certificate = file_named(folder, user.client_certificate.take())?.map(|pem| base64_of(pem.as_bytes()));
    user.client_certificate_data = user.client_certificate_data.or(certificate);
    let key = file_named(folder, user.client_key.take())?.map(|pem| SecretString::from(base64_of(pem.as_bytes())));
    user.client_key_data = user.client_key_data.or(key);
    // A command with a slash is a path, and meant from the same folder; one without is looked for in PATH.
    let command = user.exec.as_mut().and_then(|exec| exec.command.as_mut());
    if let Some(command) = command.filter(|command| command.contains('/')) {
        *command = folder.join(&*command).display().to_string();
    }
    Ok(user)
}

/// The cluster with the certificates that its file holds in place of the file's name.
fn with_authority_read(mut cluster: Cluster, folder: &Path) -> Result<Cluster, String> {
    let authority = file_named(folder, cluster.certificate_authority.take())?.map(|pem| base64_of(pem.as_bytes()));
    cluster.certificate_authority_data = cluster.certificate_authority_data.or(authority);
    Ok(cluster)
}

/// What is wrong with the file, and where, without a word of it: the parser quotes the lines around a mistake, and
/// those may hold a token or a key.
fn unquoted(error: &KubeconfigError) -> String {
    let KubeconfigError::Parse(error) = error else { return error.to_string() };
    match error.location() {
        Some(at) => format!("line {}, column {}: not YAML, or not what a kubeconfig has there", at.line(), at.column()),
        None => "not YAML, or not what a kubeconfig has".to_owned(),
    }
}

impl Chosen {
    /// The user's credentials; where a plugin has them it is run, for `limit` at the most, and killed with everything
    /// it started. kube would run it without a limit.
    pub(super) async fn credentials(&self, limit: Duration, journal: &Journal) -> Result<AuthInfo, String> {
        plugin::credentials(&self.user, &self.cluster, limit, journal).await
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    const GOOD: &str = "apiVersion: v1\nkind: Config\ncurrent-context: one\n\
        clusters: [{name: c, cluster: {server: 'https://10.0.0.251:6443'}}]\n\
        users: [{name: u, user: {token: CANARY-token-1}}]\n\
        contexts: [{name: one, context: {cluster: c, user: u}}, {name: two, context: {cluster: gone, user: u}}]\n";

    #[test]
    fn tells_what_is_wrong_with_a_file() {
        let file = written(GOOD);
        let chosen = read(file.path(), None, &Scrubber::default()).unwrap();
        assert_eq!((chosen.context.as_str(), chosen.server.as_str()), ("one", "https://10.0.0.251:6443"));
        let missing = read(file.path(), Some("three"), &Scrubber::default()).unwrap_err();
        assert_eq!(missing, Unusable::Context { wanted: "three".into(), have: vec!["one".into(), "two".into()] });
        let words = |result: Result<Chosen, Unusable>| match result {
            Err(Unusable::Other(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(words(read(file.path(), Some("two"), &Scrubber::default())).contains("names the cluster gone"));
        assert!(
            words(read(Path::new("/nonexistent/kubeconfig"), None, &Scrubber::default())).contains("it is not there")
        );
        assert!(words(read(Path::new("/dev/zero"), None, &Scrubber::default())).contains("it is a device, not a file"));
        assert!(words(read(written("a: [1, 2\n").path(), None, &Scrubber::default())).contains("YAML"));
        assert!(words(read(written("just words\n").path(), None, &Scrubber::default())).contains("kubeconfig"));
        // What stands around a mistake may be a secret.
        let torn = GOOD.replace("users:", "users: [\n  token: CANARY-torn\nusers:");
        let said = words(read(written(&torn).path(), None, &Scrubber::default()));
        assert!(said.contains("line ") && !said.contains("CANARY"), "{said}");
        let typed = words(read(written("users: CANARY-typed-token\n").path(), None, &Scrubber::default()));
        assert!(typed.contains("line 1") && !typed.contains("CANARY"), "{typed}");
        assert!(words(read(written("{}\n").path(), None, &Scrubber::default())).contains("no kubeconfig"));
    }

    #[test]
    fn the_files_that_a_kubeconfig_names_are_read_within_bounds_from_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        let kubeconfig = |cluster: &str, user: &str| {
            let text = GOOD.replace("6443'", &format!("6443', {cluster}")).replace("token: CANARY-token-1", user);
            std::fs::write(&path, text).unwrap();
            read(&path, None, &Scrubber::default())
        };
        std::fs::write(folder.path().join("token"), "CANARY-token-2\n").unwrap();
        std::fs::write(folder.path().join("ca.pem"), "authority").unwrap();
        let chosen = kubeconfig("certificate-authority: ca.pem", "tokenFile: token").unwrap();
        assert_eq!(chosen.user.token.unwrap().expose_secret(), "CANARY-token-2");
        let authority = chosen.file.clusters[0].cluster.as_ref().unwrap();
        assert_eq!(authority.certificate_authority_data, Some(base64_of(b"authority")));
        assert_eq!(authority.certificate_authority, None);
        nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for (cluster, user, wrong) in [
            ("certificate-authority: /dev/zero", "token: t", "cluster c: /dev/zero: it is a device, not a file"),
            ("certificate-authority: pipe", "token: t", "it is a named pipe, not a file"),
            ("", "tokenFile: none", "user u: "),
            ("", "client-certificate: /dev/zero", "user u: /dev/zero: it is a device, not a file"),
            ("", "client-key: pipe", "it is a named pipe, not a file"),
        ] {
            match kubeconfig(cluster, user) {
                Err(Unusable::Other(why)) => assert!(why.contains(wrong), "{why}"),
                other => panic!("{cluster}{user}: {other:?}"),
            }
        }
    }
}
