//! A right that somebody grants: what it is called, and where it holds. `rights` writes the documents that grant it.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// A right, and who grants it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// By RBAC, to the account of the kubeconfig.
    Kubernetes(KubernetesRight),
    /// By RAM, to the key or role that the OpenAPI is asked with.
    OpenApi(Action),
    /// By RAM, to the key of each bucket, on the bucket itself.
    Bucket(Action),
    /// By RAM, to the key of each bucket, on the objects below the prefix.
    Objects(Action),
    /// By the DSS host's file system, to the account that ackcheck runs as.
    File(FileRight),
    /// By DSS, to the API key of `[dss]`.
    Dss(DssRight),
}

/// A RAM action: `ecs:DescribeInstances`. Owned where a server named it.
pub type Action = Cow<'static, str>;

/// What RBAC grants: a verb on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesRight {
    pub scope: Scope,
    /// The API group; empty for core.
    pub group: &'static str,
    /// `pods`, `pods/exec`.
    pub resource: &'static str,
    /// The one object that is asked for; any where none.
    pub name: Option<&'static str>,
    pub verb: &'static str,
}

/// Where a right on a resource of Kubernetes holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In the whole cluster.
    Cluster,
    /// In the namespace of the probe pods, whichever that is: what an operation declares. [`Right::in_namespace`] puts
    /// the namespace of a deployment in its place.
    ProbeNamespace,
    /// In each namespace that DSS works in, whichever they are: what an operation declares.
    EachNamespace,
    /// In this one.
    Namespace(Cow<'static, str>),
}

/// What the file system grants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileRight {
    /// To read a file, or what lies in a folder.
    Read(PathBuf),
    /// To list a folder.
    List(PathBuf),
}

/// What DSS grants an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DssRight {
    /// To be answered at all.
    AnyKey,
    /// The paths below `/admin`.
    Admin,
}

impl Right {
    /// A RAM action of the OpenAPI.
    pub const fn open_api(action: &'static str) -> Right {
        Right::OpenApi(Cow::Borrowed(action))
    }

    /// A RAM action on a bucket.
    pub const fn bucket(action: &'static str) -> Right {
        Right::Bucket(Cow::Borrowed(action))
    }

    /// A RAM action on the objects of a bucket.
    pub const fn objects(action: &'static str) -> Right {
        Right::Objects(Cow::Borrowed(action))
    }

    /// A verb on a resource in the namespace of the probe pods; `group` is empty for core.
    pub const fn of_probes(verb: &'static str, group: &'static str, resource: &'static str) -> Right {
        Right::Kubernetes(KubernetesRight { scope: Scope::ProbeNamespace, group, resource, name: None, verb })
    }

    /// A verb on a resource in each namespace that DSS works in; `group` is empty for core.
    pub const fn of_namespaces(verb: &'static str, group: &'static str, resource: &'static str) -> Right {
        Right::Kubernetes(KubernetesRight { scope: Scope::EachNamespace, group, resource, name: None, verb })
    }

    /// To read a file, or what lies in a folder.
    pub fn read(path: &Path) -> Right {
        Right::File(FileRight::Read(path.to_owned()))
    }

    /// To list a folder.
    pub fn list(path: &Path) -> Right {
        Right::File(FileRight::List(path.to_owned()))
    }

    /// The right in one namespace, where it does not say in which: that of the probe pods, or each that DSS works in.
    pub fn in_namespace(&self, namespace: &str) -> Right {
        match self {
            Right::Kubernetes(right) if matches!(right.scope, Scope::ProbeNamespace | Scope::EachNamespace) => {
                let scope = Scope::Namespace(namespace.to_owned().into());
                Right::Kubernetes(KubernetesRight { scope, ..right.clone() })
            }
            other => other.clone(),
        }
    }
}

impl KubernetesRight {
    /// A verb on a resource that has no namespace, or in all of them; `group` is empty for core.
    pub const fn cluster_wide(verb: &'static str, group: &'static str, resource: &'static str) -> KubernetesRight {
        KubernetesRight { scope: Scope::Cluster, group, resource, name: None, verb }
    }

    /// The namespace it holds in; none for the whole cluster, and where it is not decided yet.
    pub fn namespace(&self) -> Option<&str> {
        match &self.scope {
            Scope::Cluster | Scope::ProbeNamespace | Scope::EachNamespace => None,
            Scope::Namespace(namespace) => Some(namespace),
        }
    }
}

impl From<KubernetesRight> for Right {
    fn from(right: KubernetesRight) -> Right {
        Right::Kubernetes(right)
    }
}

/// `ecs:DescribeInstances`, `create pods in dss`, `read /data/dss/install.ini`.
impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Right::Kubernetes(right) => right.fmt(f),
            Right::OpenApi(action) | Right::Bucket(action) | Right::Objects(action) => f.write_str(action),
            Right::File(FileRight::Read(path)) => write!(f, "read {}", path.display()),
            Right::File(FileRight::List(path)) => write!(f, "list {}", path.display()),
            Right::Dss(DssRight::AnyKey) => f.write_str("an API key that DSS knows, as api_key in [dss]"),
            Right::Dss(DssRight::Admin) => f.write_str("admin, of a DSS global or personal API key"),
        }
    }
}

/// `list nodes`, `create jobs.batch in dss`, `get configmaps acr-configuration in kube-system`.
impl fmt::Display for KubernetesRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.resource)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        if let Some(name) = self.name {
            write!(f, " {name}")?;
        }
        match &self.scope {
            Scope::Cluster => Ok(()),
            Scope::ProbeNamespace => f.write_str(" in the namespace of the probe pods"),
            Scope::EachNamespace => f.write_str(" in each namespace of DSS"),
            Scope::Namespace(namespace) => write!(f, " in {namespace}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_tells_what_it_is_and_where_it_holds() {
        let jobs = Right::of_probes("create", "batch", "jobs");
        assert_eq!(jobs.to_string(), "create jobs.batch in the namespace of the probe pods");
        assert_eq!(jobs.in_namespace("dss").to_string(), "create jobs.batch in dss");
        assert_eq!(jobs.in_namespace("dss").in_namespace("other"), jobs.in_namespace("dss"));
        let nodes = Right::from(KubernetesRight::cluster_wide("list", "", "nodes"));
        assert_eq!(nodes.in_namespace("dss").to_string(), "list nodes");
        assert_eq!(Right::objects("oss:PutObject").to_string(), "oss:PutObject");
        assert_eq!(Right::read(Path::new("/etc/os-release")).to_string(), "read /etc/os-release");
    }
}
