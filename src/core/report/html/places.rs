//! Where in the picture of a deployment each check belongs: one table, held to the catalogue by a law of `checks/laws.rs`.

use std::collections::BTreeMap;

use crate::place::Area;
use crate::record::{Case, Ending, Report};
use crate::report::outcome::Outcome;
use crate::report::text;

/// A thing of the deployment, or the way from one to another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its anchor in the page.
    pub id: &'static str,
    /// A heading: `Pods to the DSS host`.
    pub title: &'static str,
    /// What holds where all its checks pass, in a few words.
    pub proves: &'static str,
    /// In the order in which one stands on another, so that the first that does not hold is where the chain stops.
    pub checks: &'static [&'static str],
}

/// Things, which the picture draws as boxes.
pub(super) static VPC: Place = Place { id: "vpc", title: "VPC", proves: "one network", checks: &["same-vpc"] };
pub(super) static HOST: Place = Place {
    id: "host",
    title: "DSS host",
    proves: "fit for DSS",
    checks: &[
        "host-os",
        "host-user",
        "host-limits",
        "host-memory",
        "host-disk",
        "host-name",
        "host-java",
        "host-python",
        "host-ports",
        "host-docker",
        "base-image-sources",
    ],
};
pub(super) static DSS: Place = Place {
    id: "dss",
    title: "DSS",
    proves: "set up and running",
    checks: &[
        "dss-version",
        "dss-running",
        "env-scripts",
        "ext-host",
        "ext-host-live",
        "cluster-chosen",
        "ports-required",
        "settings-agree",
    ],
};
pub(super) static HADOOP: Place = Place {
    id: "hadoop",
    title: "Hadoop",
    proves: "can open oss:// connections",
    checks: &[
        "hadoop-integration",
        "hadoop-jars",
        "hadoop-jar-linkage",
        "hadoop-jars-loaded",
        "hadoop-keys",
        "hadoop-connector",
        "connection-root",
        "connection-endpoint",
        "connection-credentials",
        "connection-settings",
        "s3-connection",
    ],
};
pub(super) static SPARK: Place = Place {
    id: "spark",
    title: "Spark",
    proves: "can run on the cluster",
    checks: &["spark-integration", "spark-conf", "spark-driver-host", "spark-jars"],
};
pub(super) static API: Place = Place {
    id: "api",
    title: "Cluster API",
    proves: "admits the pods of DSS",
    checks: &["cluster-version", "dss-pod-admitted"],
};
pub(super) static NODES: Place = Place {
    id: "nodes",
    title: "Nodes",
    proves: "ready, and names resolve",
    checks: &["nodes-ready", "cluster-dns", "dns-quality"],
};
pub(super) static REGISTRY: Place =
    Place { id: "registry", title: "Registry", proves: "has the base images", checks: &["base-images"] };
pub(super) static BUCKETS: Place =
    Place { id: "buckets", title: "Buckets", proves: "fit for Hadoop", checks: &["oss-bucket-fit"] };

/// Ways, which the picture draws as arrows.
pub(super) static HOST_TO_API: Place = Place {
    id: "host-to-api",
    title: "DSS host to the cluster API",
    proves: "DSS drives the cluster",
    checks: &["cluster-answers", "host-kubectl", "pods-allowed", "cluster-rights"],
};
pub(super) static API_TO_NODES: Place = Place {
    id: "api-to-nodes",
    title: "Cluster API to the nodes",
    proves: "pods are started",
    checks: &["dss-pods-schedulable", "node-takes-pods"],
};
pub(super) static PODS_TO_HOST: Place = Place {
    id: "pods-to-host",
    title: "Pods to the DSS host",
    proves: "pods call DSS",
    checks: &[
        "network-acl",
        "security-group-ports",
        "dss-name-resolves",
        "prediction-agrees",
        "dss-ports-reachable",
        "dss-ports-own",
        "backend-answers",
        "spark-driver-reached",
    ],
};
pub(super) static HOST_TO_PODS: Place = Place {
    id: "host-to-pods",
    title: "DSS host to pods",
    proves: "DSS calls pods",
    checks: &["pod-routes", "pods-reachable"],
};
pub(super) static HOST_TO_REGISTRY: Place = Place {
    id: "host-to-registry",
    title: "DSS host to the registry",
    proves: "DSS pushes images",
    checks: &["registry-url", "registry-login", "host-docker-login", "registry-push", "registry-takes-builds"],
};
pub(super) static NODES_TO_REGISTRY: Place = Place {
    id: "nodes-to-registry",
    title: "Nodes to the registry",
    proves: "nodes pull images",
    checks: &["registry-path", "registry-pull", "pull-secret-lasts"],
};
pub(super) static HOST_TO_BUCKETS: Place = Place {
    id: "host-to-buckets",
    title: "DSS host to the buckets",
    proves: "DSS reads and writes OSS",
    checks: &[
        "oss-endpoint",
        "host-clock",
        "oss-credentials",
        "oss-signature",
        "oss-list",
        "oss-parents",
        "oss-write",
        "oss-read",
        "oss-delete",
        "oss-post",
        "oss-multipart",
        "oss-copy",
        "hadoop-read-write",
    ],
};
pub(super) static PODS_TO_BUCKETS: Place = Place {
    id: "pods-to-buckets",
    title: "Pods to the buckets",
    proves: "jobs read and write OSS",
    checks: &["oss-path", "oss-from-nodes", "path-mtu"],
};

/// Every place, in the order in which a page lists them: ways first, because they are what most often fails.
pub(super) static ALL: [&Place; 17] = [
    &PODS_TO_HOST,
    &HOST_TO_PODS,
    &HOST_TO_API,
    &API_TO_NODES,
    &HOST_TO_REGISTRY,
    &NODES_TO_REGISTRY,
    &HOST_TO_BUCKETS,
    &PODS_TO_BUCKETS,
    &VPC,
    &HOST,
    &DSS,
    &HADOOP,
    &SPARK,
    &API,
    &NODES,
    &REGISTRY,
    &BUCKETS,
];

/// What a run found of a place.
pub(super) struct Found<'r> {
    pub place: &'static Place,
    /// As they come in the report.
    pub cases: Vec<&'r Case>,
}

impl<'r> Found<'r> {
    /// Every place with its cases, in the order of [`ALL`].
    pub(super) fn of(report: &'r Report) -> Vec<Found<'r>> {
        let mut all = ALL.map(|place| Found { place, cases: Vec::new() });
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for case in &report.cases {
            let find = || ALL.iter().position(|place| *place == Place::of(case)).unwrap_or_default();
            let at = *known.entry(case.id.check.as_str()).or_insert_with(find);
            all[at].cases.push(case);
        }
        all.into()
    }

    /// The gravest that became of its cases; none where it has none.
    pub(super) fn outcome(&self) -> Option<&'static Outcome> {
        Outcome::gravest(self.cases.iter().copied())
    }

    /// What there is to say in a few words: how many hold, or where the chain stops.
    pub(super) fn words(&self) -> String {
        let Some(outcome) = self.outcome() else { return String::from("not in this run") };
        if let Some(stop) = self.stop() {
            let blocked = self.of_check(stop).all(|case| matches!(case.ending, Ending::Blocked { .. }));
            return if blocked { format!("blocked at {stop}") } else { format!("stops at {stop}") };
        }
        let asked = self.cases.iter().filter(|case| !is_not_asked(case)).count();
        match asked {
            0 => format!("{}: {}", outcome.word, text::counted(self.cases.len(), "case", "cases")),
            asked => text::counted(asked, "case holds", "cases hold"),
        }
    }

    /// The first of its checks, in their order, that does not hold.
    pub(super) fn stop(&self) -> Option<&'r str> {
        let place = |case: &&&'r Case| self.place.checks.iter().position(|check| *check == case.id.check);
        let stopped = self.cases.iter().filter(|case| !Outcome::of(&case.ending).holds() && !is_not_asked(case));
        let first = stopped.min_by_key(|case| (place(case).is_none(), place(case)))?;
        Some(first.id.check.as_str())
    }

    fn of_check(&self, check: &str) -> impl Iterator<Item = &'r Case> {
        self.cases.iter().copied().filter(move |case| case.id.check == check)
    }
}

fn is_not_asked(case: &Case) -> bool {
    matches!(case.ending, Ending::NotApplicable { .. } | Ending::Skipped { .. })
}

impl Place {
    /// Where a case belongs. A check that this version does not know, of a run by another, belongs to the thing that its
    /// area is about.
    pub(super) fn of(case: &Case) -> &'static Place {
        let known = ALL.iter().find(|place| place.checks.contains(&case.id.check.as_str()));
        known.copied().unwrap_or(match case.area {
            Area::Host => &HOST,
            Area::Network => &VPC,
            Area::Cluster => &API,
            Area::Registry => &REGISTRY,
            Area::Storage => &BUCKETS,
            Area::Hadoop => &HADOOP,
            Area::Spark => &SPARK,
            Area::Dss => &DSS,
        })
    }
}
