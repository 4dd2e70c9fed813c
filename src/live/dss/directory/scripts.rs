//! The scripts `bin/env-*.sh` of a data directory, in the order in which DSS's start scripts source them
//! (`_startup.inc.sh`).

use super::super::commands::Vain;
use super::super::environment::{Environment, NotRead, Value, Variable};
use super::super::files;
use super::super::shell::Malformed;
use super::super::state::Place;
use super::Directory;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{AssignedName, EnvScripts, ExtHost, Script, ScriptPlace, VainAssignment};
use ackcheck_core::secret::recognition;
use ackcheck_core::verdict::Unseen;

/// The scripts, in their order.
pub(super) const SCRIPTS: [&str; 4] =
    ["bin/env-default.sh", "bin/env-hadoop.sh", "bin/env-spark.sh", "bin/env-site.sh"];
/// The same, as checks know them.
const ROLES: [Script; 4] = [Script::Default, Script::Hadoop, Script::Spark, Script::Site];
/// The variable that names the DSS host to containers.
const EXT_HOST: &str = "DKU_BACKEND_EXT_HOST";

/// The scripts as far as bash reads them.
struct Sourced {
    environment: Environment,
    files: Vec<String>,
    stops: Option<(Malformed, String)>,
}

impl Directory {
    /// Reads the given scripts; those that are not there are left out.
    ///
    /// # Errors
    /// Where one cannot be read, or not within bounds.
    fn sourced(&self, scripts: &[&str]) -> Seen<Sourced> {
        let mut environment = Environment::default();
        environment.seed("DIP_HOME", &self.data.display().to_string());
        environment.seed("DKURUNDIR", &self.file("run").display().to_string());
        let mut sourced = Sourced { environment, files: Vec::new(), stops: None };
        for script in scripts {
            let path = self.file(script);
            let Some(bytes) = files::bytes(&path)? else { continue };
            let name = path.display().to_string();
            sourced.files.push(name.clone());
            match sourced.environment.source(&bytes, &name) {
                Ok(()) => {}
                Err(NotRead::TooMuch(why)) => {
                    return Err(Unseen::unreadable(name, format!("it was not read to its end: {why}")));
                }
                Err(NotRead::Malformed(fault)) => {
                    sourced.stops = Some((fault, name));
                    break;
                }
            }
        }
        Ok(sourced)
    }

    /// The environment after the given scripts.
    ///
    /// # Errors
    /// Where one of them cannot be read, or bash stops in it.
    pub(super) fn environment(&self, scripts: &[&str]) -> Seen<Environment> {
        let Sourced { environment, stops, .. } = self.sourced(scripts)?;
        match stops {
            None => Ok(environment),
            Some((Malformed { why, line }, file)) => {
                Err(Unseen::unreadable(file, format!("line {line}: bash stops here: {why}")))
            }
        }
    }

    /// What the scripts leave of a variable that an installer sets, and what is taken for granted then: of something that may
    /// set any variable, such as `. FILE` in `env-site.sh`, that it does not set this one.
    ///
    /// # Errors
    /// As [`Directory::environment`].
    pub(in super::super) fn variable(&self, name: &str) -> Seen<(Option<Variable>, Option<String>)> {
        let variable = self.environment(&SCRIPTS)?.get(name);
        if let Some(Variable { value: Value::Dynamic(text), place, .. }) = &variable
            && !text.contains(name)
        {
            let assumed = format!("{}, line {}: `{text}` leaves {name} as it is", place.file, place.line);
            return Ok((self.environment(&SCRIPTS[..3])?.get(name), Some(assumed)));
        }
        Ok((variable, None))
    }

    /// What the scripts make of `DKU_BACKEND_EXT_HOST`, and the script that decides it.
    pub(in super::super) fn ext_host(&self) -> Seen<(String, ExtHost)> {
        let Sourced { environment, stops, .. } = self.sourced(&SCRIPTS)?;
        if let Some((Malformed { why, line }, file)) = stops {
            return Ok((file, ExtHost::Malformed { why, line }));
        }
        let Some(Variable { value, exported, place: Place { file, line } }) = environment.get(EXT_HOST) else {
            return Ok((self.file(SCRIPTS[3]).display().to_string(), ExtHost::Unset));
        };
        let state = match value {
            Value::Unset => ExtHost::Unset,
            Value::Dynamic(text) => ExtHost::Dynamic { text, line },
            Value::Literal(value) => {
                // A URL with a user and a password is a host name to nobody, and no secret is needed to say so.
                let value = recognition::hidden(&value).unwrap_or(value);
                match exported {
                    Some(true) => ExtHost::Exported { value, line },
                    Some(false) => ExtHost::NotExported { value, line },
                    None => {
                        let text = format!("whether {EXT_HOST} is exported depends on what the script finds");
                        ExtHost::Dynamic { text, line }
                    }
                }
            }
        };
        Ok((file.to_string(), state))
    }

    /// All that the scripts set, seem to set, or stop at.
    pub(in super::super) fn env_scripts(&self) -> Seen<EnvScripts> {
        let Sourced { environment, files, stops } = self.sourced(&SCRIPTS)?;
        let place = |place: Place| ScriptPlace { file: place.file.to_string(), line: place.line };
        let paths = SCRIPTS.map(|script| self.file(script).display().to_string());
        let assigned = environment.assigned().into_iter().filter_map(|(name, at)| {
            let script = ROLES[paths.iter().position(|path| **path == *at.file)?];
            Some(AssignedName { name, script, place: place(at) })
        });
        let vain = environment.vain().into_iter().map(|Vain { name, how, place: at }| VainAssignment {
            name,
            why: how,
            place: place(at),
        });
        Ok(EnvScripts {
            files,
            stops: stops.map(|(Malformed { why, line }, file)| (why, ScriptPlace { file, line })),
            may_stop: environment.may_stop().map(|(what, at)| (what, place(at))),
            vain: vain.collect(),
            assigned: assigned.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a data directory with these scripts has for the host.
    fn ext_host(scripts: &[(&str, &[u8])]) -> Seen<(String, ExtHost)> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("bin")).unwrap();
        for (name, bytes) in scripts {
            std::fs::write(root.path().join("bin").join(name), bytes).unwrap();
        }
        let directory = Directory { data: root.path().to_owned(), install: None };
        let (file, state) = directory.ext_host()?;
        Ok((file.rsplit('/').next().unwrap().to_owned(), state))
    }

    fn exported(file: &str, value: &str, line: usize) -> Seen<(String, ExtHost)> {
        Ok((file.to_owned(), ExtHost::Exported { value: value.to_owned(), line }))
    }

    #[test]
    fn the_script_that_decides_is_told() {
        let line: &[u8] = b"export DKU_BACKEND_EXT_HOST=127.0.0.1\n";
        let site: &[u8] = b"# This file is sourced last\n# by DSS\n";
        assert_eq!(
            ext_host(&[("env-default.sh", line), ("env-site.sh", site)]),
            exported("env-default.sh", "127.0.0.1", 1)
        );
        assert_eq!(ext_host(&[("env-hadoop.sh", line)]), exported("env-hadoop.sh", "127.0.0.1", 1));
        assert_eq!(
            ext_host(&[("env-spark.sh", line), ("env-site.sh", b"\nexport DKU_BACKEND_EXT_HOST=dss\n")]),
            exported("env-site.sh", "dss", 2)
        );
        assert_eq!(ext_host(&[("env-site.sh", site)]), Ok(("env-site.sh".to_owned(), ExtHost::Unset)));
        assert_eq!(
            ext_host(&[("env-default.sh", b"set -a\n"), ("env-site.sh", b"# caf\xe9\nDKU_BACKEND_EXT_HOST=dss\n")]),
            exported("env-site.sh", "dss", 2)
        );
    }

    #[test]
    fn a_fault_in_an_earlier_script_stops_them_all() {
        let seen = ext_host(&[("env-spark.sh", b"A = 1\n"), ("env-site.sh", b"export DKU_BACKEND_EXT_HOST=dss\n")]);
        // `A` may be a program; a name of DSS is none.
        assert_eq!(seen, exported("env-site.sh", "dss", 1));
        let seen = ext_host(&[("env-spark.sh", b"A=1\nDKU_A = 1\n"), ("env-site.sh", b"A=1\n")]);
        assert!(matches!(seen, Ok((file, ExtHost::Malformed { line: 2, .. })) if file == "env-spark.sh"));
    }

    #[test]
    fn a_bound_is_told_as_one() {
        let long = vec![b'#'; 300 << 10];
        let seen = ext_host(&[("env-site.sh", &long)]);
        assert!(seen.is_err_and(|why| why.to_string().contains("262144 bytes")));
    }
}
