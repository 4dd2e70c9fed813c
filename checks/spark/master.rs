//! `spark.master` as spark-submit and the Kubernetes scheduler read it (Spark 2.4 to 4.1: `SparkSubmit`,
//! `Utils.checkAndGetK8sMasterUrl`): prefixes are compared as they are written, and a URL without a scheme is https.

use ackcheck_core::placeholder;

/// What a master is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Master {
    /// The API server of a Kubernetes cluster.
    Kubernetes,
    /// Threads of the driver itself.
    Local,
    /// YARN, Mesos or Spark's own cluster.
    Other,
    /// There is none; Spark then is `local[*]`.
    Unset,
    /// Spark does not start with it, or reaches nothing.
    Malformed(String),
}

impl Master {
    /// Reads a text without white space around it.
    pub(super) fn parse(text: &str) -> Master {
        let malformed = |why: String| Master::Malformed(why);
        if let Some(found) = placeholder::found_in(text) {
            return malformed(format!("{found} is a placeholder of the documentation"));
        }
        if text.starts_with("local") {
            return match is_local(text) {
                true => Master::Local,
                false => malformed("Spark only knows local, local[N] and local[*]".to_owned()),
            };
        }
        if ["yarn", "spark", "mesos"].iter().any(|kind| text.starts_with(kind)) {
            return Master::Other;
        }
        if !text.starts_with("k8s") {
            return malformed(
                "Spark refuses a master that does not start with k8s://, yarn, spark or local".to_owned(),
            );
        }
        let Some(rest) = text.strip_prefix("k8s://") else {
            return malformed("a Kubernetes master must start with k8s://".to_owned());
        };
        match api_server(rest) {
            Ok(()) => Master::Kubernetes,
            Err(why) => malformed(why),
        }
    }
}

/// `local`, `local[4]`, `local[*]`, `local[4,2]`, `local-cluster[2,1,1024]`.
fn is_local(text: &str) -> bool {
    let inside = |rest: &str| rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).map(str::to_owned);
    let Some(rest) = text.strip_prefix("local") else { return false };
    let rest = rest.strip_prefix("-cluster").unwrap_or(rest);
    let number = |part: &str| part.trim() == "*" || (!part.trim().is_empty() && part.trim().parse::<u32>().is_ok());
    rest.is_empty() || inside(rest).is_some_and(|list| list.split(',').all(number))
}

/// What follows `k8s://`: `[SCHEME://]HOST:PORT[/PATH]`.
fn api_server(rest: &str) -> Result<(), String> {
    let server = match rest.split_once("://") {
        Some((scheme, server)) if ["https", "http"].contains(&scheme.to_ascii_lowercase().as_str()) => server,
        Some((scheme, _)) => return Err(format!("{scheme}:// is not https://")),
        None => rest,
    };
    let authority = server.split('/').next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    // An IPv6 address stands in brackets.
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            address.parse::<std::net::Ipv6Addr>().map_err(|_| format!("{address} is not an IPv6 address"))?;
            (address, rest.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    if host.is_empty() {
        return Err("it does not name a host".to_owned());
    }
    if let Some(odd) = host.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'))) {
        return Err(format!("a host name cannot contain {odd:?}"));
    }
    match port {
        Some(port) if port.parse::<u16>().is_ok_and(|port| port != 0) => Ok(()),
        Some(port) => Err(format!("{port:?} is not a port")),
        None => Err("it does not have a port, which Spark requires; the API server of ACK is on 6443".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masters_are_read_as_spark_reads_them() {
        for text in [
            "k8s://https://10.0.3.20:6443",
            "k8s://10.0.3.20:6443",
            "k8s://HTTPS://api.ack.example:6443/",
            "k8s://http://127.0.0.1:8001",
            "k8s://https://[fd00::1]:6443",
        ] {
            assert_eq!(Master::parse(text), Master::Kubernetes, "{text}");
        }
        for text in ["local", "local[*]", "local[4]", "local[4, 2]", "local-cluster[2,1,1024]"] {
            assert_eq!(Master::parse(text), Master::Local, "{text}");
        }
        for text in ["yarn", "spark://10.0.0.1:7077", "mesos://x"] {
            assert_eq!(Master::parse(text), Master::Other, "{text}");
        }
        for text in [
            "https://10.0.3.20:6443",
            "10.0.3.20:6443",
            "K8S://https://10.0.3.20:6443",
            "k8s:https://10.0.3.20:6443",
            "k8s:/10.0.3.20:6443",
            "k8s://htps://10.0.3.20:6443",
            "k8s://https://10.0.3.20",
            "k8s://https://10.0.3.20:",
            "k8s://https://10.0.3.20:0",
            "k8s://https://:6443",
            "k8s://",
            "k8s://https://10.0.3.20 :6443",
            "k8s://https://10.0.3.20:6443\u{a0}",
            "k8s://https://[fd00::zz]:6443",
            "k8s://https://IP_OF_YOUR_K8S_CLUSTER",
            "k8s://https://IP_OF_YOUR_K8S_CLUSTER:6443",
            "k8s://https://<api-server>:6443",
            "localhost",
            "local[]",
            "local[x]",
            "kubernetes",
        ] {
            assert!(matches!(Master::parse(text), Master::Malformed(_)), "{text}");
        }
    }
}
