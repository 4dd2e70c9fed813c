//! Programs that DSS's start scripts name in a variable.

use super::directory::Directory;
use super::environment::{Value, Variable};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{NamedProgram, ScriptPlace};

impl Directory {
    /// What the scripts leave of the variable.
    pub(super) fn named_program(&self, name: &str) -> Seen<NamedProgram> {
        let (variable, assumed) = self.variable(name)?;
        let Some(Variable { value, place, .. }) = variable else { return Ok(NamedProgram::Unset) };
        let place = ScriptPlace { file: place.file.to_string(), line: place.line };
        Ok(match value {
            Value::Unset => NamedProgram::Unset,
            Value::Literal(path) => NamedProgram::Named { path, place, assumed },
            Value::Dynamic(why) => NamedProgram::Uncertain { why, place },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(default: &str, site: &str) -> NamedProgram {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("bin")).unwrap();
        std::fs::write(root.path().join("bin/env-default.sh"), default).unwrap();
        std::fs::write(root.path().join("bin/env-site.sh"), site).unwrap();
        Directory { data: root.path().to_path_buf(), install: None }.named_program("DKUJAVABIN").unwrap()
    }

    fn path(seen: &NamedProgram) -> Option<(&str, usize, bool)> {
        match seen {
            NamedProgram::Named { path, place, assumed } => Some((path.as_str(), place.line, assumed.is_some())),
            NamedProgram::Unset | NamedProgram::Uncertain { .. } => None,
        }
    }

    #[test]
    fn the_last_assignment_counts_and_nothing_is_guessed() {
        const DEFAULT: &str = "export DKUJAVABIN=\"/usr/bin/java\"\n";
        assert_eq!(path(&named(DEFAULT, "")), Some(("/usr/bin/java", 1, false)));
        assert_eq!(
            path(&named(DEFAULT, "# own\nexport DKUJAVABIN=/opt/java/bin/java\n")),
            Some(("/opt/java/bin/java", 2, false))
        );
        assert_eq!(named("", ""), NamedProgram::Unset);
        assert_eq!(named(DEFAULT, "unset DKUJAVABIN\n"), NamedProgram::Unset);
        let uncertain = named(DEFAULT, "export DKUJAVABIN=$(command -v java)\n");
        assert!(matches!(uncertain, NamedProgram::Uncertain { .. }), "{uncertain}");
        assert_eq!(path(&named(DEFAULT, ". /etc/profile.d/java.sh\n")), Some(("/usr/bin/java", 1, true)));
    }
}
