//! Names in the page for what else leads to.

use std::collections::BTreeMap;

use crate::record::Case;
use crate::report::summary::Summary;
use crate::report::text;

/// Where in the page the cause that a case is part of is told. An anchor is made of check and finding, so that it stays from
/// run to run.
pub(super) struct Anchors(BTreeMap<*const Case, String>);

impl Anchors {
    pub(super) fn of(summary: &Summary) -> Anchors {
        let mut anchors = BTreeMap::new();
        let mut met: BTreeMap<String, usize> = BTreeMap::new();
        for group in summary.to_fix().chain(&summary.warnings).chain(&summary.waived) {
            let fit = |c: char| if c.is_ascii_alphanumeric() || "-.".contains(c) { c } else { '_' };
            let name: String = text::bounded(&group.title(), 200).0.chars().map(fit).collect();
            let times = met.entry(name.clone()).or_default();
            *times += 1;
            // Only in a record that nobody's run has written.
            let again = if *times == 1 { String::new() } else { format!("_{times}_again") };
            for case in &group.cases {
                anchors.insert(std::ptr::from_ref(*case), format!("cause-{name}{again}"));
            }
        }
        Anchors(anchors)
    }

    pub(super) fn get(&self, case: &Case) -> Option<&str> {
        self.0.get(&std::ptr::from_ref(case)).map(String::as_str)
    }
}
