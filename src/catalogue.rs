//! The checks in order, their graph, and selection by id, area and stage.

use crate::check::Check;
use crate::place::Area;

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
}
