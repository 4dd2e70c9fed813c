//! Kubeconfig files as kubectl reads them, with what kube leaves unbounded taken over: the file's size, and plugins.

mod merge;
mod usable;
mod yaml;

use std::path::Path;
use std::time::Duration;

use kube::config::{AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};
use secrecy::SecretString;

use super::unusable::Unusable;
use super::user::{base64_of, teach};
use super::{lifetime, plugin};
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::cluster::Lifetime;
use ackcheck_core::seat::dss::containers::KubeconfigState;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::text_file;

/// Larger than any kubeconfig, smaller than a mistake.
const LONGEST_FILE: u64 = 4 << 20;

/// One context of a kubeconfig.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) context: String,
    /// With a scheme, as kubectl completes it.
    pub(super) server: String,
    /// The file gives the server without a scheme, so that kubectl speaks plain HTTP.
    pub(super) assumed_http: bool,
    /// Why nobody is signed in, if nobody is.
    pub(super) nobody: Option<String>,
    user: AuthInfo,
    /// The token is that of a file, which is read again for each request.
    renewed: bool,
    /// The cluster's entry, as plugins that ask for it are given it.
    cluster: Cluster,
    /// The proxy of this cluster.
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
        Err(Unusable::Other(why) | Unusable::Ours(why)) => Err(why),
    }
}

/// Where a kubeconfig leads, whose file can be read; nothing is asked, and no plugin run.
///
/// # Errors
/// What ackcheck cannot do with it, although kubectl may.
pub(crate) fn leads_to(path: &Path, context: Option<&str>, scrubber: &Scrubber) -> Result<KubeconfigState, String> {
    match read(path, context, scrubber) {
        Ok(chosen) => Ok(KubeconfigState::Leads {
            context: chosen.context,
            server: scrubber.without_secrets(&chosen.server),
            authority: chosen.cluster.certificate_authority_data,
        }),
        Err(Unusable::Context { wanted, have }) => Ok(KubeconfigState::NoContext { wanted, have }),
        Err(Unusable::Other(why)) => Ok(KubeconfigState::Unusable { why }),
        Err(Unusable::Ours(why)) => Err(why),
    }
}

/// Reads the files, as `KUBECONFIG` lists them, and picks the context. The scrubber knows every secret of them from then
/// on, whoever's it is.
pub(super) fn read(files: &Path, context: Option<&str>, scrubber: &Scrubber) -> Result<Chosen, Unusable> {
    let at = |why: Unusable| why.at(&files.display().to_string());
    let merged = merge::read(files, scrubber)?;
    chosen(merged, context, scrubber).map_err(at)
}

/// Learns the secrets of every entry.
pub(super) fn learn(file: &Kubeconfig, scrubber: &Scrubber) {
    for user in file.auth_infos.iter().filter_map(|named| named.auth_info.as_ref()) {
        teach(user, scrubber);
    }
    for cluster in file.clusters.iter().filter_map(|named| named.cluster.as_ref()) {
        for url in [&cluster.server, &cluster.proxy_url].into_iter().flatten() {
            scrubber.without_secrets(url);
        }
    }
}

fn chosen(file: Kubeconfig, context: Option<&str>, scrubber: &Scrubber) -> Result<Chosen, Unusable> {
    if file.contexts.is_empty() && file.clusters.is_empty() {
        return Err(Unusable::Other("names no cluster and no context, so it is not a kubeconfig".to_owned()));
    }
    let wanted = context.map(str::to_owned).or(file.current_context).unwrap_or_default();
    let have = || file.contexts.iter().map(|context| context.name.clone()).collect();
    let Some(found) =
        file.contexts.iter().find(|context| context.name == wanted).and_then(|named| named.context.clone())
    else {
        return Err(Unusable::Context { wanted, have: have() });
    };
    let cluster = file.clusters.into_iter().find(|cluster| cluster.name == found.cluster).and_then(|it| it.cluster);
    let Some(cluster) = cluster else {
        let why = format!("context {wanted} names the cluster {}, which is not in it", found.cluster);
        return Err(Unusable::Other(why));
    };
    // kubectl signs in as nobody where the context names no user, or one that is not in the file: a gateway may do it.
    let named = found.user.unwrap_or_default();
    let entry = file.auth_infos.into_iter().find(|user| user.name == named);
    let nobody = match &entry {
        None if named.is_empty() => Some(format!("the context {wanted} names no user")),
        None => Some(format!("the context {wanted} names the user {named}, which is not in the kubeconfig")),
        Some(_) => None,
    };
    let user = entry.and_then(|user| user.auth_info).unwrap_or_default();
    let of_cluster = |why: Unusable| why.at(&format!("cluster {}", found.cluster));
    let of_user = |why: Unusable| why.at(&format!("user {named}"));
    let server = usable::server(&cluster).map_err(|why| of_cluster(Unusable::Other(why)))?;
    usable::cluster(&cluster, &server).map_err(of_cluster)?;
    usable::user(&user).map_err(of_user)?;
    let renewed = user.token_file.as_deref().is_some_and(|file| !file.is_empty());
    let user = with_files_read(user).map_err(|why| of_user(Unusable::Other(why)))?;
    teach(&user, scrubber);
    let assumed_http = !cluster.server.as_deref().unwrap_or("").contains("://");
    let mut cluster = with_authority_read(cluster).map_err(|why| of_cluster(Unusable::Other(why)))?;
    cluster.server = Some(server.clone());
    let proxy = cluster.proxy_url.take().filter(|url| !url.is_empty());
    Ok(Chosen { context: wanted, server, assumed_http, nobody, user, renewed, cluster, proxy })
}

/// Reads a file that a kubeconfig names.
fn file_named(file: Option<String>) -> Result<Option<String>, String> {
    let Some(file) = file.filter(|file| !file.is_empty()) else { return Ok(None) };
    text_file::read(Path::new(&file), LONGEST_FILE).map(Some).map_err(|unread| unread.to_string())
}

/// The user with what its files hold in place of their names: kube would read them without a limit.
fn with_files_read(mut user: AuthInfo) -> Result<AuthInfo, String> {
    // The file is read anew for each request, and goes before the token; one that cannot be read, or is empty, does not.
    let token = match file_named(user.token_file.take()) {
        Ok(token) => token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()),
        Err(_) if user.token.is_some() => None,
        Err(why) => return Err(why),
    };
    user.token = token.map(SecretString::from).or(user.token);
    let certificate = file_named(user.client_certificate.take())?.map(|pem| base64_of(pem.as_bytes()));
    user.client_certificate_data = user.client_certificate_data.or(certificate);
    let key = file_named(user.client_key.take())?.map(|pem| SecretString::from(base64_of(pem.as_bytes())));
    user.client_key_data = user.client_key_data.or(key);
    Ok(user)
}

/// The cluster with the certificates that its file holds in place of the file's name.
fn with_authority_read(mut cluster: Cluster) -> Result<Cluster, String> {
    let authority = file_named(cluster.certificate_authority.take())?.map(|pem| base64_of(pem.as_bytes()));
    cluster.certificate_authority_data =
        cluster.certificate_authority_data.filter(|data| !data.is_empty()).or(authority);
    Ok(cluster)
}

impl Chosen {
    /// Until when it counts. A token of a file is renewed there.
    pub(super) fn lifetimes(&self) -> Vec<Lifetime> {
        lifetime::of(
            &AuthInfo { token: self.user.token.clone().filter(|_| !self.renewed), ..self.user.clone() },
            &self.cluster,
        )
    }

    /// The user's credentials; where a plugin has them it is run, for `limit` at the most, and killed with everything
    /// it started. kube would run it without a limit.
    pub(super) async fn credentials(&self, limit: Duration, journal: &Journal) -> Result<AuthInfo, Unusable> {
        plugin::credentials(&self.user, &self.cluster, limit, journal).await
    }

    /// A kubeconfig of this context alone, with these credentials.
    pub(super) fn alone(&self, user: AuthInfo) -> Kubeconfig {
        let (name, context) = (self.context.clone(), |name: &String| Context {
            cluster: name.clone(),
            user: Some(name.clone()),
            ..Context::default()
        });
        Kubeconfig {
            contexts: vec![NamedContext {
                context: Some(context(&name)),
                name: name.clone(),
                ..NamedContext::default()
            }],
            clusters: vec![NamedCluster {
                cluster: Some(self.cluster.clone()),
                name: name.clone(),
                ..NamedCluster::default()
            }],
            auth_infos: vec![NamedAuthInfo { auth_info: Some(user), name: name.clone(), ..NamedAuthInfo::default() }],
            current_context: Some(name),
            ..Kubeconfig::default()
        }
    }
}

#[cfg(test)]
mod tests;
