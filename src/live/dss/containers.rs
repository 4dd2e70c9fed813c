//! The container and Spark configurations of DSS's general settings. Up to DSS 14 a configuration has its repository and its
//! Kubernetes settings itself; from 15 on it names an image build configuration, and what is of pods stands apart
//! (dss.md 3.2 to 3.4). Both are read, whatever the release.

use serde_json::Value;

use super::pods;
use super::settings::{Misshapen, kept_properties, list, text};
use ackcheck_core::seat::dss::containers::{Configuration, ConfigurationKind, Configurations};
use ackcheck_core::secret::Scrubber;

/// Where DSS keeps each kind, and which objects of a configuration hold what is of Kubernetes.
const CONTAINERS: (&str, [&str; 2]) = ("/containerSettings/executionConfigs", ["", "/kubernetesRuntimeConfig"]);
const SPARK: (&str, [&str; 2]) =
    ("/sparkSettings/executionConfigs", ["/kubernetesSettings", "/kubernetesRuntimeConfig"]);
/// The builders that an image build configuration can have.
const BUILDERS: [&str; 3] = ["dockerBuilderConfig", "dkuInClusterBuilderConfig", "openshiftBuilderConfig"];

/// All of them, container configurations first. `origin` is where the settings come from.
///
/// # Errors
/// Where they do not have the shape that DSS gives them.
pub(super) fn configurations(general: &Value, origin: &str, scrubber: &Scrubber) -> Result<Configurations, Misshapen> {
    let mut all = Vec::new();
    // Configurations of a Spark that is not turned on stay in the settings.
    let spark = general.pointer("/sparkSettings/sparkEnabled") != Some(&Value::Bool(false));
    let kinds = [(ConfigurationKind::Container, CONTAINERS, true), (ConfigurationKind::Spark, SPARK, spark)];
    for (kind, (pointer, holders), _) in kinds.into_iter().filter(|(_, _, on)| *on) {
        for config in list(general, pointer)? {
            let name = text(config.get("name")).unwrap_or_default();
            let one = configuration(general, kind, config, holders, scrubber);
            all.push(one.map_err(|why| format!("{kind} {name}: {why}"))?);
        }
    }
    let default_cluster = text(general.get("defaultK8sClusterId")).filter(|id| !id.trim().is_empty());
    let takes_clusters_of_kubectl = general.get("useImplicitK8sCluster").and_then(Value::as_bool);
    Ok(Configurations { origin: origin.to_owned(), default_cluster, takes_clusters_of_kubectl, list: all })
}

fn configuration(
    general: &Value,
    kind: ConfigurationKind,
    config: &Value,
    holders: [&str; 2],
    scrubber: &Scrubber,
) -> Result<Configuration, Misshapen> {
    // Of several places or names the first that is filled in.
    let first = |keys: &[&str]| {
        let places = holders.iter().flat_map(|holder| keys.iter().map(move |key| format!("{holder}/{key}")));
        let texts = places.filter_map(|place| text(config.pointer(&place)));
        texts.map(|text| scrubber.without_secrets(&text)).find(|text| !text.trim().is_empty())
    };
    let own = first(&["repositoryURL"]);
    let build = config.get("imageBuildConfig").and_then(Value::as_str).filter(|_| own.is_none());
    let built = build.map_or(Ok(Vec::new()), |build| built_by(general, build))?;
    let mut repositories: Vec<String> = match own {
        Some(own) => vec![own],
        None => built.iter().filter_map(|push| text(push.get("repositoryURL"))).collect(),
    };
    repositories.iter_mut().for_each(|url| *url = scrubber.without_secrets(url));
    repositories.retain(|url| !url.trim().is_empty());
    repositories.dedup();
    let managed = match kind {
        ConfigurationKind::Container => {
            config.get("type").and_then(Value::as_str).is_none_or(|kind| kind == "KUBERNETES")
        }
        ConfigurationKind::Spark => {
            let holds =
                |holder: &&str| config.pointer(&format!("{holder}/managedKubernetes")) == Some(&Value::Bool(true));
            holders.iter().any(holds)
        }
    };
    Ok(Configuration {
        kind,
        name: text(config.get("name")).unwrap_or_default(),
        managed,
        repositories,
        namespace: match kind {
            ConfigurationKind::Container => first(&["kubernetesNamespace"]),
            ConfigurationKind::Spark => first(&["managedNamespace"]),
        },
        kubeconfig: first(&["kubeConfigPath"]),
        context: first(&["kubeCtlContext"]),
        pushed_with: first(&["prePushMode"])
            .into_iter()
            .chain(built.iter().filter_map(|push| text(push.get("prePushMode"))))
            .chain(build.and_then(|build| builder(general, build)))
            .find(|way| way != "NONE" && way != "DOCKER"),
        base_image: first(&["baseImage"])
            .or_else(|| build.and_then(|build| built_on(general, build)).map(|image| scrubber.without_secrets(&image))),
        pull_secret: first(&["imagePullSecretName"]),
        conf: match kind {
            ConfigurationKind::Container => Vec::new(),
            ConfigurationKind::Spark => kept_properties(config, "/conf", scrubber)?,
        },
        pods: pods::settings(kind, config, holders),
    })
}

/// The image builder of an image build configuration.
fn builder(general: &Value, name: &str) -> Option<String> {
    let builds = general.pointer("/containerSettings/buildConfigs")?.as_array()?;
    let build = builds.iter().find(|build| build.get("name").and_then(Value::as_str) == Some(name))?;
    text(build.get("imageBuilderType"))
}

/// The base image of an image build configuration, where it names one.
fn built_on(general: &Value, name: &str) -> Option<String> {
    let builds = general.pointer("/containerSettings/buildConfigs")?.as_array()?;
    let build = builds.iter().find(|build| build.get("name").and_then(Value::as_str) == Some(name))?;
    let places = std::iter::once(String::new()).chain(BUILDERS.iter().map(|builder| format!("/{builder}")));
    let texts = places.filter_map(|place| text(build.pointer(&format!("{place}/baseImage"))));
    texts.into_iter().find(|text| !text.trim().is_empty())
}

/// Where an image build configuration pushes; nowhere where there is no such one, which DSS refuses to save.
fn built_by<'a>(general: &'a Value, name: &str) -> Result<Vec<&'a Value>, Misshapen> {
    let builds = list(general, "/containerSettings/buildConfigs")?;
    let Some(build) = builds.iter().find(|build| build.get("name").and_then(Value::as_str) == Some(name)) else {
        return Ok(Vec::new());
    };
    let mut pushes = Vec::new();
    for builder in BUILDERS {
        pushes.extend(list(build, &format!("/{builder}/pushConfigs"))?);
    }
    Ok(pushes)
}

#[cfg(test)]
#[path = "containers_tests.rs"]
mod tests;
