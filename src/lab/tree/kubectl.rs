//! The `kubectl` of the lab's DSS host: what the real one would answer of this cluster, by the state of the kubeconfig.

use serde::Deserialize;
use serde_json::json;

use crate::kubernetes::world::{
    Kubeconfig, KubeconfigAuthority, KubeconfigCertificate, KubeconfigForm, KubernetesWorld, ServerState,
};
use ackcheck_core::shell::shell_word;

/// The kubectl on the host.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kubectl {
    Installed,
    Missing,
    /// A script that greets before it calls kubectl.
    Wrapped,
    /// The account's environment sends it to a proxy that does not answer.
    Proxied,
    /// Four minor versions behind the cluster.
    Old,
    /// Let in whatever the kubeconfig says: by a plugin or an authority of its own.
    LetIn,
}

/// The script; none where there is no kubectl.
pub(super) fn script(kubectl: Kubectl, world: &KubernetesWorld) -> Option<String> {
    let client = match kubectl {
        Kubectl::Missing => return None,
        Kubectl::Old => "v1.28.15",
        // As its administrator installed it: of the same version, without the suffix of ACK.
        _ => world.version.split('-').next().unwrap_or_default(),
    };
    let refusal = match kubectl {
        Kubectl::Proxied => Some(
            "Unable to connect to the server: proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused"
                .to_owned(),
        ),
        Kubectl::LetIn => None,
        _ => refusal(&world.kubeconfig),
    };
    let version = |version: &str| json!({"gitVersion": version, "goVersion": "go1.23.6", "platform": "linux/amd64"});
    let alone = json!({"clientVersion": version(client), "kustomizeVersion": "v5.5.0"});
    let mut both = alone.clone();
    both["serverVersion"] = version(&world.version);
    let greeting = if kubectl == Kubectl::Wrapped { "echo 'Welcome to the bastion'\n" } else { "" };
    let fails = refusal.map_or(String::new(), |said| format!("echo {} >&2; exit 1\n", shell_word(&said)));
    let known = match kubectl {
        Kubectl::LetIn => "*".to_owned(),
        _ => shell_word(&world.kubeconfig.context),
    };
    let alone = shell_word(&alone.to_string());
    let both = shell_word(&both.to_string());
    Some(format!(
        "{greeting}words= context=\n\
         while [ $# -gt 0 ]; do case \"$1\" in\n  --context) context=$2; shift 2 ;;\n  \
         --cache-dir|--namespace|-o) shift 2 ;;\n  *) words=\"$words $1\"; shift ;;\nesac; done\n\
         [ \"$words\" != ' version --client' ] || {{ echo {alone}; exit 0; }}\n\
         case $context in\n  ''|{known}) ;;\n  \
         *) echo \"error: context \\\"$context\\\" does not exist\" >&2; exit 1 ;;\nesac\n{fails}\
         case $words in\n  ' version') echo {both} ;;\n  ' auth can-i create pods') echo yes ;;\n  \
         *) echo \"error: unknown command$words\" >&2; exit 1 ;;\nesac\n",
    ))
}

/// What kubectl says where it is not let in.
fn refusal(kubeconfig: &Kubeconfig) -> Option<String> {
    let said = match kubeconfig.form {
        KubeconfigForm::NotYaml => {
            "error: error loading config file \"kubeconfig\": yaml: line 9: did not find expected node content"
        }
        KubeconfigForm::NoUser => "error: You must be logged in to the server (Unauthorized)",
        KubeconfigForm::ExecMissing => {
            "Unable to connect to the server: getting credentials: exec: executable ack-ram-authenticator-of-the-lab not found"
        }
        KubeconfigForm::ExecOld => "error: exec plugin: invalid apiVersion \"client.authentication.k8s.io/v1alpha1\"",
        KubeconfigForm::Missing => {
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?"
        }
        KubeconfigForm::Whole => match (kubeconfig.server, kubeconfig.authority, kubeconfig.certificate) {
            (ServerState::Closed, ..) => {
                "The connection to the server was refused - did you specify the right host or port?"
            }
            (ServerState::Silent, ..) => "Unable to connect to the server: net/http: TLS handshake timeout",
            (_, KubeconfigAuthority::Other, _) => {
                "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority"
            }
            (_, KubeconfigAuthority::Expired, _) => {
                "Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet valid"
            }
            (.., KubeconfigCertificate::Valid | KubeconfigCertificate::Ending) => return None,
            _ => "error: You must be logged in to the server (Unauthorized)",
        },
    };
    Some(said.to_owned())
}
