use std::time::Duration;

use super::*;
use crate::catalogue::AreaChecks;
use crate::check::Judge;
use crate::verdict::{Code, Verdict};

static DENIED: Code = Code::fail("denied", "it is denied");
static FINDINGS: &[&Code] = &[&DENIED];

const fn check(id: &'static str, stage: Stage, needs: &'static [&'static Check]) -> Check {
    Check {
        id,
        title: "It holds",
        stage,
        needs,
        uses: &[],
        deadline: Duration::from_secs(1),
        findings: FINDINGS,
        remedy: "",
        trials: &[],
        judge: Judge::Host(|_, _| Box::pin(async { Ok(Verdict::Pass) })),
    }
}

static ENDPOINT: Check = check("oss-endpoint", Stage::Preflight, &[]);
static LIST: Check = check("oss-list", Stage::Preflight, &[&ENDPOINT]);
static WRITE: Check = check("oss-write", Stage::Preflight, &[&LIST]);
static VERSION: Check = check("dss-version", Stage::Acceptance, &[]);
static CATALOGUE: Catalogue = Catalogue {
    areas: &[
        AreaChecks { area: Area::Storage, checks: &[&ENDPOINT, &LIST, &WRITE] },
        AreaChecks { area: Area::Dss, checks: &[&VERSION] },
    ],
};

fn ids(plan: &Plan) -> Vec<&str> {
    plan.checks.iter().map(|chosen| chosen.check.id).collect()
}
fn only(selectors: &[&str]) -> Selection {
    Selection { only: selectors.iter().map(|text| (*text).to_owned()).collect(), ..Selection::default() }
}

#[test]
fn everything_is_selected_where_nothing_is_named() {
    let plan = Selection::default().plan(&CATALOGUE).unwrap();
    assert_eq!(ids(&plan), ["oss-endpoint", "oss-list", "oss-write", "dss-version"]);
    assert!(plan.needed_only().is_empty());
}

#[test]
fn what_a_selected_check_stands_on_comes_with_it() {
    let plan = only(&["oss-write"]).plan(&CATALOGUE).unwrap();
    assert_eq!(ids(&plan), ["oss-endpoint", "oss-list", "oss-write"]);
    assert_eq!(plan.needed_only(), ["oss-endpoint", "oss-list"]);
    assert_eq!(plan.needs(2), [1]);
}

#[test]
fn areas_globs_and_qualified_ids_select() {
    assert_eq!(ids(&only(&["dss/"]).plan(&CATALOGUE).unwrap()), ["dss-version"]);
    assert_eq!(ids(&only(&["*-list"]).plan(&CATALOGUE).unwrap()), ["oss-endpoint", "oss-list"]);
    assert_eq!(ids(&only(&["storage/*-li?t"]).plan(&CATALOGUE).unwrap()), ["oss-endpoint", "oss-list"]);
    assert_eq!(ids(&only(&["storage/oss-endpoint"]).plan(&CATALOGUE).unwrap()), ["oss-endpoint"]);
    let plan = only(&["dss/", "zzz*"]).plan(&CATALOGUE).unwrap();
    assert_eq!((ids(&plan), plan.idle.as_slice()), (vec!["dss-version"], ["zzz*".to_owned()].as_slice()));
}

#[test]
fn every_mistake_is_told_with_the_nearest_name() {
    let mut selection = only(&["oss-wirte", "strage/", "storage"]);
    selection.skip = vec![Skip { id: "dss-verison".to_owned(), reason: "r".to_owned() }];
    let SelectionError(wrong) = selection.plan(&CATALOGUE).unwrap_err();
    assert_eq!(wrong.len(), 4, "{wrong:?}");
    for meant in ["`oss-write`", "`storage/`", "`dss-version`"] {
        assert!(wrong.iter().any(|line| line.contains(meant)), "{meant}: {wrong:?}");
    }
}

#[test]
fn the_preflight_stage_leaves_acceptance_out() {
    let mut selection = only(&["dss-version"]);
    selection.stage = Some(Stage::Preflight);
    let plan = selection.plan(&CATALOGUE).unwrap();
    assert!(plan.checks.is_empty());
    assert_eq!(plan.idle, ["dss-version"]);
}

#[test]
fn a_waived_check_neither_waits_nor_brings_what_it_stands_on() {
    let mut selection = only(&["oss-write"]);
    selection.skip = vec!["oss-list=no right to list here".parse().unwrap()];
    let plan = selection.plan(&CATALOGUE).unwrap();
    assert_eq!(ids(&plan), ["oss-list", "oss-write"]);
    assert_eq!(plan.checks[0].skipped.as_deref(), Some("no right to list here"));
    assert!(plan.needs(0).is_empty());
}

#[test]
fn a_waiver_needs_a_reason() {
    assert!("oss-list".parse::<Skip>().is_err());
    assert!("oss-list= ".parse::<Skip>().is_err());
    assert_eq!("a=b=c".parse(), Ok(Skip { id: "a".to_owned(), reason: "b=c".to_owned() }));
}

#[test]
fn globs_match_as_shells_do() {
    for (pattern, text, holds) in
        [("*", "", true), ("a*b*c", "a-b-b-c", true), ("a*b", "a-b-c", false), ("??", "ab", true), ("?", "ab", false)]
    {
        assert_eq!(glob(pattern, text), holds, "{pattern} {text}");
    }
}

#[test]
fn findings_are_found_and_typos_proposed() {
    assert_eq!(CATALOGUE.find_finding("oss-write/denied").unwrap().2, &DENIED);
    assert_eq!(CATALOGUE.find_finding("storage/oss-write/denied").unwrap().1.id, "oss-write");
    assert!(CATALOGUE.find_finding("oss-write/deneid").unwrap_err().contains("`oss-write/denied`"));
    assert!(CATALOGUE.find_finding("oss-write").unwrap_err().contains("CHECK/FINDING"));
    assert!(CATALOGUE.find("network/oss-write").is_err());
}

#[test]
fn a_waiver_names_a_check_and_one_of_its_findings() {
    use crate::config::{Placed, Waiver};
    let told = |check: &str, finding: &str, subject: Option<&str>| {
        let placed = |text: &str, line| Placed { text: text.to_owned(), line };
        let waiver = Waiver {
            check: placed(check, 41),
            finding: placed(finding, 42),
            subject: subject.map(|subject| placed(subject, 43)),
            reason: "r".to_owned(),
            until: jiff::civil::date(2026, 12, 31),
            ticket: None,
            line: 40,
        };
        CATALOGUE.check_waivers(std::path::Path::new("site.toml"), &[waiver]).err().unwrap_or_default()
    };
    assert_eq!(told("oss-write", "denied", None), "");
    for (check, finding, subject, why) in [
        (
            "oss-wirte",
            "denied",
            None,
            "site.toml:41: waiver[1].check: there is no check `oss-wirte`; did you mean `oss-write`?",
        ),
        ("storage/oss-write", "denied", None, "site.toml:41: waiver[1].check: write the id alone: `oss-write`"),
        (
            "oss-write",
            "denid",
            None,
            "site.toml:42: waiver[1].finding: the check `oss-write` does not have a finding `denid`; did you mean `denied`?",
        ),
        ("oss-write", "moon", None, "its findings are denied"),
        ("oss-write", "denied", Some("x"), "site.toml:43: waiver[1].subject: the check `oss-write` has one case"),
    ] {
        let said = told(check, finding, subject);
        assert!(said.contains(why), "{said}");
    }
}
