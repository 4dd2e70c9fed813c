//! The scheduler's rules, as Kubernetes' own tests of tolerations and of node affinity have them.

use super::*;

fn taint(text: &str) -> Taint {
    let (pair, effect) = text.split_once(':').unwrap();
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() }
}

fn toleration(key: &str, operator: &str, value: &str, effect: &str) -> Toleration {
    let [key, operator, value, effect] = [key, operator, value, effect].map(str::to_owned);
    Toleration { key, operator, value, effect }
}

fn node(labels: &[(&str, &str)], taints: &[&str]) -> Node {
    Node {
        name: "n1".to_owned(),
        labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        taints: taints.iter().map(|text| taint(text)).collect(),
        allocatable: [("cpu", "4"), ("memory", "8Gi")].map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        ..Node::default()
    }
}

#[test]
fn tolerations_cover_what_kubernetes_says() {
    let gpu = taint("dedicated=gpu:NoSchedule");
    for (tolerated, covered) in [
        (toleration("dedicated", "Equal", "gpu", "NoSchedule"), true),
        (toleration("dedicated", "", "gpu", ""), true),
        (toleration("dedicated", "Equal", "spark", "NoSchedule"), false),
        (toleration("dedicated", "", "", "NoSchedule"), false),
        (toleration("dedicated", "Exists", "", "NoSchedule"), true),
        (toleration("dedicated", "Exists", "", "NoExecute"), false),
        (toleration("", "Exists", "", ""), true),
        (toleration("", "Exists", "", "NoSchedule"), true),
        (toleration("other", "Exists", "", ""), false),
        (toleration("dedicated", "exists", "", ""), false),
    ] {
        assert_eq!(tolerated.covers(&gpu), covered, "{tolerated:?}");
    }
    assert!(toleration("dedicated", "", "", "").covers(&taint("dedicated:NoExecute")), "no value equals no value");
}

#[test]
fn only_strict_taints_keep_a_pod_away_and_a_pools_is_named_first() {
    let pod = Placement::default();
    assert_eq!(pod.misfit(&node(&[], &["a=b:PreferNoSchedule"])), None);
    let both = node(&[], &["node.kubernetes.io/memory-pressure:NoSchedule", "pool=x:NoExecute"]);
    assert_eq!(pod.misfit(&both), Some(Misfit::Taint(taint("pool=x:NoExecute"))));
}

#[test]
fn selectors_and_affinity_are_read_as_the_scheduler_does() {
    let pool = node(&[("pool", "dss"), ("cores", "16")], &[]);
    let requirement = |key: &str, operator: &str, values: &[&str]| Requirement {
        key: key.to_owned(),
        operator: operator.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    for (one, holds) in [
        (requirement("pool", "In", &["a", "dss"]), true),
        (requirement("pool", "NotIn", &["dss"]), false),
        (requirement("absent", "NotIn", &["dss"]), true),
        (requirement("absent", "DoesNotExist", &[]), true),
        (requirement("pool", "Exists", &[]), true),
        (requirement("cores", "Gt", &["8"]), true),
        (requirement("cores", "Lt", &["16"]), false),
        (requirement("pool", "Gt", &["8"]), false),
    ] {
        let term = Term { expressions: vec![one.clone()], fields: Vec::new() };
        let pod = Placement { affinity: Some(vec![term]), ..Placement::default() };
        assert_eq!(pod.selects(&pool), holds, "{one:?}");
    }
    let nothing = Placement { affinity: Some(vec![Term::default()]), ..Placement::default() };
    assert!(!nothing.selects(&pool), "an empty term matches nothing");
    let by_name = Term { expressions: Vec::new(), fields: vec![requirement("metadata.name", "In", &["n1"])] };
    let either = Placement { affinity: Some(vec![Term::default(), by_name]), ..Placement::default() };
    assert!(either.selects(&pool), "one term is enough");
    let other = Placement { node_selector: [("pool".to_owned(), "x".to_owned())].into(), ..Placement::default() };
    assert_eq!(other.misfit(&pool), Some(Misfit::Selector));
}

#[test]
fn requests_are_held_against_what_the_node_offers() {
    let wants = |resource: &str, quantity: &str| Placement {
        requests: [(resource.to_owned(), quantity.to_owned())].into(),
        ..Placement::default()
    };
    let small = node(&[], &[]);
    assert_eq!(wants("memory", "8192Mi").misfit(&small), None, "as much as there is");
    assert!(matches!(wants("memory", "8193Mi").misfit(&small), Some(Misfit::TooBig { .. })));
    assert!(matches!(wants("cpu", "4001m").misfit(&small), Some(Misfit::TooBig { .. })));
    assert!(matches!(wants("nvidia.com/gpu", "1").misfit(&small), Some(Misfit::TooBig { .. })), "not offered at all");
    assert_eq!(wants("nvidia.com/gpu", "0").misfit(&small), None);
}

#[test]
fn containers_add_up_and_the_largest_init_container_counts() {
    let of = |cpu: &str, memory: &str| -> Resources {
        [("cpu", cpu), ("memory", memory)].map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    };
    assert_eq!(sum([of("1", "1408Mi")]), of("1", "1408Mi"), "as it is written");
    assert_eq!(sum([of("500m", "1Gi"), of("250m", "1Gi")]), of("750m", "2147483648"));
    assert_eq!(largest([of("1", "1Gi"), of("500m", "2Gi")]), of("1", "2147483648"));
}
