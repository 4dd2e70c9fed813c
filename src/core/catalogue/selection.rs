//! Which checks a run asks: what the user names, and what that depends on.

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalogue, nearest};
use crate::check::Check;
use crate::place::{Area, Stage};

/// A check that the user skips, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub id: String,
    pub reason: String,
}

impl std::str::FromStr for Skip {
    type Err = String;

    /// Reads `ID=REASON`; a reason is required.
    fn from_str(text: &str) -> Result<Skip, String> {
        let (id, reason) = text.split_once('=').unwrap_or((text, ""));
        let (id, reason) = (id.trim(), reason.trim());
        if reason.is_empty() {
            return Err(format!("give a reason: `{id}=REASON`; every report shows it"));
        }
        Ok(Skip { id: id.to_owned(), reason: reason.to_owned() })
    }
}

/// What the user asked for.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `ID`, `AREA/ID`, `AREA/` or a glob of either form; everything if empty.
    pub only: Vec<String>,
    pub skip: Vec<Skip>,
    /// `ID`, `AREA/ID`, `AREA/` or a glob: what must be judged.
    pub require: Vec<String>,
    /// Preflight selects only the preflight checks; acceptance, or none, selects every check.
    pub stage: Option<Stage>,
}

/// One check of a plan.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub area: Area,
    pub check: &'static Check,
    /// The user's reason for skipping it.
    pub skipped: Option<String>,
    /// True if it only runs because a selected check depends on it.
    pub needed_only: bool,
    /// True if the user requires it to be judged.
    pub required: bool,
}

/// The checks of a run, in the order of the catalogue, with everything they depend on.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub checks: Vec<Chosen>,
    /// How many checks the catalogue holds.
    pub catalogue: usize,
    /// Selectors that do not match any check of the catalogue or the stage, for a note to the user.
    pub idle: Vec<String>,
}

impl Plan {
    /// The places of the checks that the check at `at` depends on and waits for.
    pub fn needs(&self, at: usize) -> Vec<usize> {
        let places: BTreeMap<&str, usize> =
            self.checks.iter().enumerate().map(|(place, chosen)| (chosen.check.id, place)).collect();
        if self.checks[at].skipped.is_some() {
            return Vec::new();
        }
        self.checks[at].check.needs.iter().filter_map(|need| places.get(need.id).copied()).collect()
    }

    /// Marks what a selector names as required, and returns the ids of those checks that are not in the plan.
    ///
    /// # Errors
    /// If the selector does not match a check of the catalogue.
    pub fn require(&mut self, catalogue: &Catalogue, selector: &str) -> Result<Vec<&'static str>, String> {
        let named = select(catalogue, selector)?;
        if named.is_empty() {
            return Err(format!("`{selector}` does not match a check"));
        }
        let mut left_out = Vec::new();
        for check in named {
            match self.checks.iter_mut().find(|chosen| chosen.check.id == check.id) {
                Some(chosen) => chosen.required = true,
                None => left_out.push(check.id),
            }
        }
        Ok(left_out)
    }

    /// Ids of checks that only run because a selected one depends on them.
    pub fn needed_only(&self) -> Vec<&'static str> {
        self.checks.iter().filter(|chosen| chosen.needed_only).map(|chosen| chosen.check.id).collect()
    }
}

/// A selection that names something unknown; each line is one mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SelectionError(pub Vec<String>);

impl Selection {
    /// The plan for this selection. All mistakes are reported together; a typo with the nearest id.
    pub fn plan(&self, catalogue: &Catalogue) -> Result<Plan, SelectionError> {
        let mut wrong = Vec::new();
        let mut idle = Vec::new();
        let mut skipped: BTreeMap<&str, &str> = BTreeMap::new();
        for skip in &self.skip {
            match catalogue.find(&skip.id) {
                Ok((_, check)) => drop(skipped.insert(check.id, &skip.reason)),
                Err(error) => wrong.push(format!("--skip {}: {error}", skip.id)),
            }
        }
        let of_stage = |check: &Check| self.stage != Some(Stage::Preflight) || check.stage == Stage::Preflight;
        let mut asked: BTreeSet<&str> = BTreeSet::new();
        for selector in &self.only {
            match select(catalogue, selector) {
                Ok(ids) => {
                    let before = asked.len();
                    asked.extend(ids.iter().filter(|check| of_stage(check)).map(|check| check.id));
                    if asked.len() == before && !ids.iter().any(|check| asked.contains(check.id)) {
                        idle.push(selector.clone());
                    }
                }
                Err(error) => wrong.push(format!("--only {selector}: {error}")),
            }
        }
        if !wrong.is_empty() {
            return Err(SelectionError(wrong));
        }
        if self.only.is_empty() {
            asked.extend(catalogue.iter().filter(|(_, check)| of_stage(check)).map(|(_, check)| check.id));
        }
        let mut wanted: BTreeSet<&str> = BTreeSet::new();
        let mut rest: Vec<&'static Check> = catalogue.iter().map(|(_, c)| c).filter(|c| asked.contains(c.id)).collect();
        while let Some(check) = rest.pop() {
            if wanted.insert(check.id) && !skipped.contains_key(check.id) {
                // Before DSS is there, nothing of it is asked: not even what checks of its connections depend on.
                rest.extend(check.needs.iter().copied().filter(|need| of_stage(need)));
            }
        }
        let checks = catalogue
            .iter()
            .filter(|(_, check)| wanted.contains(check.id))
            .map(|(area, check)| Chosen {
                area,
                check,
                skipped: skipped.get(check.id).map(|reason| (*reason).to_owned()),
                needed_only: !asked.contains(check.id),
                required: false,
            })
            .collect();
        let mut plan = Plan { checks, catalogue: catalogue.iter().count(), idle };
        for selector in &self.require {
            match plan.require(catalogue, selector) {
                Ok(left_out) if left_out.is_empty() => {}
                Ok(left_out) => wrong.push(format!(
                    "--require {selector}: {} would not be asked: --only or --stage leaves it out",
                    left_out.join(", ")
                )),
                Err(why) => wrong.push(format!("--require {selector}: {why}")),
            }
        }
        if wrong.is_empty() { Ok(plan) } else { Err(SelectionError(wrong)) }
    }
}

/// The checks one selector names.
fn select(catalogue: &Catalogue, selector: &str) -> Result<Vec<&'static Check>, String> {
    if selector.contains(['*', '?']) {
        let matches = |area: Area, check: &Check| {
            if selector.contains('/') {
                glob(selector, &format!("{}/{}", area.name(), check.id))
            } else {
                glob(selector, check.id)
            }
        };
        return Ok(catalogue.iter().filter(|(area, check)| matches(*area, check)).map(|(_, check)| check).collect());
    }
    if let Some(name) = selector.strip_suffix('/') {
        if !Area::ALL.iter().any(|area| area.name() == name) {
            let names = Area::ALL.map(Area::name);
            let proposal = match nearest(name, names) {
                Some(near) => format!("did you mean `{near}/`?"),
                None => format!("the areas are {}", names.join(", ")),
            };
            return Err(format!("there is no area `{name}`; {proposal}"));
        }
        return Ok(catalogue.iter().filter(|(area, _)| area.name() == name).map(|(_, check)| check).collect());
    }
    if let Some(area) = Area::ALL.iter().find(|area| area.name() == selector) {
        return Err(format!("`{selector}` is an area: write `{}/` for all its checks", area.name()));
    }
    catalogue.find(selector).map(|(_, check)| vec![check])
}

/// True when `text` is of the form `pattern`, in which `*` stands for any letters and `?` for one.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
