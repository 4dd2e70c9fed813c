//! The checks in order, their graph, and selection by id, area and stage.

mod explain;
mod listing;
mod nearest;
mod selection;
mod waivers;

use crate::check::Check;
use crate::place::Area;
use crate::verdict::Code;

pub use nearest::nearest;
pub(crate) use selection::glob;
pub use selection::{Chosen, Plan, Selection, SelectionError, Skip};

/// The checks of one area, in the order they are asked.
#[derive(Debug, Clone, Copy)]
pub struct AreaChecks {
    pub area: Area,
    pub checks: &'static [&'static Check],
}

/// Every check of the program.
#[derive(Debug, Clone, Copy)]
pub struct Catalogue {
    pub areas: &'static [AreaChecks],
}

impl Catalogue {
    /// Every check with its area, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Area, &'static Check)> + '_ {
        self.areas.iter().flat_map(|area| area.checks.iter().map(|check| (area.area, *check)))
    }

    /// A check by its id.
    pub fn get(&self, id: &str) -> Option<(Area, &'static Check)> {
        self.iter().find(|(_, check)| check.id == id)
    }

    /// A check by its id, `oss-write` or `storage/oss-write`, as users type it. The error proposes the nearest id.
    pub fn find(&self, text: &str) -> Result<(Area, &'static Check), String> {
        let (area, id) = match text.split_once('/') {
            Some((area, id)) => (Some(area), id),
            None => (None, text),
        };
        if let Some(found) = self.get(id).filter(|(of, _)| area.is_none_or(|area| area == of.name())) {
            return Ok(found);
        }
        let proposal = match nearest(id, self.iter().map(|(_, check)| check.id)) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::from("; `ackcheck list` shows every check"),
        };
        Err(format!("there is no check `{text}`{proposal}"))
    }

    /// A finding as users type it: `oss-write/denied`.
    pub fn find_finding(&self, text: &str) -> Result<(Area, &'static Check, &'static Code), String> {
        let Some((id, code)) = text.rsplit_once('/') else {
            return Err(format!("`{text}` does not name a finding; write CHECK/FINDING, such as `oss-write/denied`"));
        };
        let (area, check) = self.find(id)?;
        match check.finding(code) {
            Some(code) => Ok((area, check, code)),
            None => {
                let names: Vec<&str> = check.findings.iter().map(|code| code.name).collect();
                let proposal = match nearest(code, names.iter().copied()) {
                    Some(near) => format!("did you mean `{id}/{near}`?"),
                    None => format!("its findings are {}", names.join(", ")),
                };
                Err(format!("the check `{}` does not have a finding `{code}`; {proposal}", check.id))
            }
        }
    }

    /// The checks that stand on this one directly, in order.
    pub fn dependents(&self, id: &str) -> impl Iterator<Item = &'static Check> {
        self.iter().map(|(_, check)| check).filter(move |check| check.needs.iter().any(|need| need.id == id))
    }

    /// The area of a check.
    pub fn area_of(&self, id: &str) -> Option<Area> {
        self.get(id).map(|(area, _)| area)
    }
}
