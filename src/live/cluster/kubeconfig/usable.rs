//! What kubectl refuses before it sends anything (client-go: `clientcmd.validateClusterInfo`, `validateAuthInfo`, the
//! transport's TLS configuration, and the exec plugin's rules without a terminal).

use kube::config::{AuthInfo, Cluster, ExecConfig, ExecInteractiveMode};

use crate::cluster::unusable::Unusable;

/// The version of the plugin interface that kubectl refuses since 1.24.
const GONE: &str = "client.authentication.k8s.io/v1alpha1";
/// The versions that it takes.
const TAKEN: [&str; 2] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
/// Schemes of a `proxy-url` that kubectl goes through.
const PROXIES: [&str; 3] = ["http", "https", "socks5"];

fn given(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|text| !text.is_empty())
}

/// The server as a URL: without a scheme kubectl speaks plain HTTP, whatever certificates there are.
///
/// # Errors
/// If there is none, or it is not a URL.
pub(super) fn server(cluster: &Cluster) -> Result<String, String> {
    let server = cluster.server.clone().filter(|server| !server.is_empty()).ok_or("it has no server")?;
    if server.contains("://") {
        return Ok(server);
    }
    if server.trim_end_matches('/').contains('/') {
        return Err(format!("its server {server} is neither a URL nor HOST:PORT"));
    }
    Ok(format!("http://{server}"))
}

/// Refuses a cluster's entry as kubectl does.
pub(super) fn cluster(cluster: &Cluster, server: &str) -> Result<(), Unusable> {
    let refused = |why: &str| Err(Unusable::Other(why.to_owned()));
    let (file, data) = (given(&cluster.certificate_authority), given(&cluster.certificate_authority_data));
    if file && data {
        return refused("certificate-authority and certificate-authority-data are both given, which kubectl refuses");
    }
    let insecure = cluster.insecure_skip_tls_verify == Some(true);
    if insecure && (file || data) && server.starts_with("https://") {
        return refused(
            "insecure-skip-tls-verify is true although a certificate authority is given, which kubectl refuses",
        );
    }
    let Some(proxy) = cluster.proxy_url.as_deref().filter(|url| !url.is_empty()) else { return Ok(()) };
    match proxy.split_once("://").filter(|(_, rest)| !rest.is_empty()) {
        Some(("https", _)) => Err(Unusable::Ours(
            "ackcheck goes through a proxy-url of http:// or socks5://, not of https://, which kubectl takes too"
                .to_owned(),
        )),
        Some((scheme, _)) if PROXIES.contains(&scheme) => Ok(()),
        _ => refused("its proxy-url must begin with http://, https:// or socks5://"),
    }
}

/// Refuses a user's entry as kubectl does.
pub(super) fn user(user: &AuthInfo) -> Result<(), Unusable> {
    let refused = |why: &str| Err(Unusable::Other(format!("{why}, which kubectl refuses")));
    if user.token.is_some() && (given(&user.username) || user.password.is_some()) {
        return refused("a token and a user name with password are both given");
    }
    let certificate = (given(&user.client_certificate), given(&user.client_certificate_data));
    let key = (given(&user.client_key), user.client_key_data.is_some());
    if certificate == (true, true) || (certificate != (false, false) && key == (true, true)) {
        return refused("a file and data of the same client certificate or key are both given");
    }
    if certificate != (false, false) && key == (false, false) {
        return refused("the client certificate comes without client-key or client-key-data");
    }
    let more = user.impersonate_uid.as_deref().is_some_and(|uid| !uid.is_empty())
        || user.impersonate_groups.as_ref().is_some_and(|groups| !groups.is_empty())
        || user.impersonate_user_extra.as_ref().is_some_and(|extra| !extra.is_empty());
    if more && !given(&user.impersonate) {
        return refused("it impersonates a uid, groups or extras without a user (`as`)");
    }
    match (&user.auth_provider, &user.exec) {
        (Some(_), Some(_)) => refused("auth-provider and exec are both given"),
        (Some(provider), None) if provider.name == "oidc" => Err(Unusable::Ours(
            "ackcheck cannot sign in with the auth-provider oidc; a token or an exec plugin can be used".to_owned(),
        )),
        (Some(_), None) => refused("its auth-provider was removed from kubectl in 1.26; use exec instead"),
        (None, Some(exec)) => plugin(exec),
        (None, None) => Ok(()),
    }
}

/// DSS has no terminal: a plugin that must have one cannot be run by it.
fn plugin(exec: &ExecConfig) -> Result<(), Unusable> {
    let refused = |why: String| Err(Unusable::Other(why));
    if !given(&exec.command) {
        return refused("its exec plugin has no command".to_owned());
    }
    match exec.api_version.as_deref().unwrap_or_default() {
        "" => return refused("its exec plugin has no apiVersion, which kubectl refuses".to_owned()),
        GONE => return refused(format!("its exec plugin is of {GONE}, which kubectl refuses since 1.24")),
        version if TAKEN.contains(&version) => {}
        version => return refused(format!("its exec plugin is of {version}, which kubectl does not know")),
    }
    if exec.env.iter().flatten().any(|entry| entry.get("name").is_none_or(String::is_empty)) {
        return refused("its exec plugin has an environment variable without a name".to_owned());
    }
    match (exec.api_version.as_deref() == Some(TAKEN[0]), &exec.interactive_mode) {
        (_, Some(ExecInteractiveMode::Always)) => {
            refused("its exec plugin has interactiveMode Always; DSS calls kubectl without a terminal".to_owned())
        }
        (true, None) => refused(
            "its exec plugin of client.authentication.k8s.io/v1 has no interactiveMode, which kubectl refuses"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}
