//! Whether the waivers of a site file name what there is.

use super::{Catalogue, nearest};
use crate::config::{Placed, Waiver};

impl Catalogue {
    /// Checks the waivers of the site file `file` against the catalogue.
    ///
    /// # Errors
    /// Every mistake in a line: file, line, key, and the nearest name to an unknown one.
    pub fn check_waivers(&self, file: &std::path::Path, waivers: &[Waiver]) -> Result<(), String> {
        let wrong = waivers.iter().enumerate().filter_map(|(at, waiver)| {
            let (key, place, why) = self.mistake(waiver)?;
            Some(format!("{}:{}: waiver[{}].{key}: {why}", file.display(), place.line, at + 1))
        });
        let wrong: Vec<String> = wrong.collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }

    /// The key that is wrong, and why.
    fn mistake<'w>(&self, waiver: &'w Waiver) -> Option<(&'static str, &'w Placed, String)> {
        let Some((_, check)) = self.get(&waiver.check.text) else {
            let why = match self.find(&waiver.check.text) {
                // `storage/oss-write`: reports and waivers name a check by its id alone.
                Ok((_, check)) => format!("write the id alone: `{}`", check.id),
                Err(why) => why,
            };
            return Some(("check", &waiver.check, why));
        };
        if check.finding(&waiver.finding.text).is_none() {
            let names = check.findings.iter().map(|code| code.name);
            let proposal = match nearest(&waiver.finding.text, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its findings are {}", names.collect::<Vec<_>>().join(", ")),
            };
            let why = format!("the check `{}` does not have a finding `{}`; {proposal}", check.id, waiver.finding.text);
            return Some(("finding", &waiver.finding, why));
        }
        match (&waiver.subject, check.judge.each()) {
            (Some(subject), None) => {
                let why = format!("the check `{}` has one case for the whole deployment; leave this key out", check.id);
                Some(("subject", subject, why))
            }
            _ => None,
        }
    }
}
