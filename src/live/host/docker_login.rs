//! The login that the docker command has for a registry: its file, its helpers, and what it says of both. None of the
//! commands here is written down, for what they print are secrets.

use serde::Deserialize;

use ackcheck_core::seat::Seen;
use ackcheck_core::seat::host::docker::{self, AS_JSON};
use ackcheck_core::seat::host::{DockerLogin, Ended};
use ackcheck_core::verdict::Unseen;

use super::docker_settings::{Lookup, Settings, Stored, key_of};
use super::{Call, LONGEST_OUTPUT, LiveHost};

/// Logins in the environment, which clients since 28.3 take before all others.
const IN_ENVIRONMENT: &str = "DOCKER_AUTH_CONFIG";
/// What helpers print where they have no login (docker-credential-helpers).
const NOT_THERE: &str = "credentials not found in native keychain";
/// What helpers call the user of a token.
const TOKEN_USER: &str = "<token>";

/// The settings of the docker command.
struct Read {
    file: String,
    settings: Settings,
    /// What is wrong with them; no login in the file counts then.
    wrong: Option<String>,
}

impl LiveHost {
    pub(super) async fn find_docker_login(&self, registry: &str) -> Seen<DockerLogin> {
        if self.variable(IN_ENVIRONMENT).await?.is_some() {
            return Err(Unseen::unreadable(IN_ENVIRONMENT, "ackcheck does not read logins in the environment"));
        }
        let Read { file, settings, wrong } = self.docker_settings().await?;
        let name = match settings.look_up(registry) {
            Lookup::Helper(name) => name,
            lookup => {
                let default = self.default_helper().filter(|_| matches!(lookup, Lookup::Default));
                match (default, lookup, &wrong) {
                    (Some(name), ..) => name.to_owned(),
                    (None, _, Some(why)) => return Ok(DockerLogin::Unreadable { file, why: why.clone() }),
                    (None, Lookup::File(Stored::Password(user, password)), None) => {
                        return Ok(DockerLogin::Password { user, password, stored_in: file });
                    }
                    (None, Lookup::File(Stored::Token), None) => return Ok(DockerLogin::Token { stored_in: file }),
                    (None, ..) => return Ok(DockerLogin::None { looked_in: file }),
                }
            }
        };
        let asked = self.ask_helper(&format!("docker-credential-{name}"), key_of(registry), file.clone()).await?;
        let fails = matches!(asked, DockerLogin::HelperMissing { .. } | DockerLogin::HelperFails { .. });
        match settings.in_file(registry) {
            Stored::Password(user, password) if fails && wrong.is_none() && self.passes_over_helpers().await? => {
                Ok(DockerLogin::Password { user, password, stored_in: file })
            }
            _ => Ok(asked),
        }
    }

    /// A client before 28.5 pushes with what the file has where a helper fails; later ones push nothing then.
    async fn passes_over_helpers(&self) -> Seen<bool> {
        let named = self.patiently(&Call::of("docker", &["--version"])).await?;
        let version = named.stdout.trim().strip_prefix("Docker version ").unwrap_or_default();
        let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
        let (major, minor) = (parts.next().flatten(), parts.next().flatten());
        Ok(major.zip(minor).is_some_and(|version| version < (28, 5)))
    }

    /// A variable of the account; none where it is empty.
    async fn variable(&self, name: &str) -> Seen<Option<String>> {
        let output = self.patiently(&Call::of("printenv", &[name])).await?;
        match output.ended {
            Ended::Exit(_) => Ok(Some(output.stdout.trim_end_matches('\n').to_owned()).filter(|text| !text.is_empty())),
            Ended::Killed { why } | Ended::Late { why } => Err(Unseen::unreadable("printenv", why)),
            Ended::NotFound => Err(Unseen::unreadable("printenv", "there is no such command on the host")),
        }
    }

    /// Reads `config.json`, and hears what the client itself says of it: of fields that are not read here too.
    async fn docker_settings(&self) -> Seen<Read> {
        let folder = match self.variable("DOCKER_CONFIG").await? {
            Some(folder) => folder,
            None => match self.variable("HOME").await? {
                Some(home) => format!("{}/.docker", home.trim_end_matches('/')),
                None => {
                    return Err(Unseen::unreadable("HOME", "it is not set, so that Docker's settings are not found"));
                }
            },
        };
        let file = format!("{}/config.json", folder.trim_end_matches('/'));
        let output = self.patiently(&Call::of("cat", &["--", &file])).await?;
        let (settings, wrong) = match output.ended {
            Ended::Exit(0) if output.stdout.len() as u64 >= LONGEST_OUTPUT => {
                return Err(Unseen::unreadable(file, format!("{LONGEST_OUTPUT} bytes or more, which is too long")));
            }
            Ended::Exit(0) => Settings::parse(&output.stdout, self.journal.scrubber()),
            Ended::Exit(_) if output.stderr.contains("No such file or directory") => (Settings::default(), None),
            Ended::Exit(_) => {
                let said = output.stderr.trim();
                let said = said.strip_prefix(&format!("cat: {file}: ")).unwrap_or(said);
                (Settings::default(), Some(said.to_owned()))
            }
            Ended::Killed { why } | Ended::Late { why } => return Err(Unseen::unreadable(file, why)),
            Ended::NotFound => return Err(Unseen::unreadable("cat", "there is no such command on the host")),
        };
        // A client before 19.03 has no contexts, and warns all the same.
        let client = self.patiently(&Call::of("docker", &[&["context", "inspect"], &AS_JSON[..]].concat())).await?;
        let warned = docker::unread_settings(&client.stderr).map(|said| self.journal.scrubber().without_secrets(said));
        Ok(Read { file, settings, wrong: wrong.or(warned) })
    }

    /// The helper that the client takes on Linux where its file says nothing of logins.
    fn default_helper(&self) -> Option<&'static str> {
        let name = if self.find("pass").is_some() { "pass" } else { "secretservice" };
        self.find(&format!("docker-credential-{name}")).map(|_| name)
    }

    async fn ask_helper(&self, program: &str, registry: &str, named_in: String) -> Seen<DockerLogin> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Login {
            #[serde(default)]
            username: String,
            #[serde(default)]
            secret: String,
        }
        let program = program.to_owned();
        let output = self.patiently(&Call { input: Some(registry), ..Call::of(&program, &["get"]) }).await?;
        let fails = |said: String| Ok(DockerLogin::HelperFails { program: program.clone(), said });
        match output.ended {
            Ended::NotFound => Ok(DockerLogin::HelperMissing { program, named_in }),
            Ended::Killed { why } => fails(why),
            // Docker waits for as long as the helper takes.
            Ended::Late { why } => Err(Unseen::unreadable(format!("`{program} get`"), why)),
            Ended::Exit(0) => match serde_json::from_str::<Login>(&output.stdout) {
                Err(_) => {
                    self.journal.scrubber().secret(output.stdout.trim());
                    fails("what it prints is not the JSON of a login".to_owned())
                }
                Ok(login) => {
                    let password = self.journal.scrubber().secret(login.secret);
                    Ok(match login.username.as_str() {
                        TOKEN_USER => DockerLogin::Token { stored_in: program },
                        "" => DockerLogin::None { looked_in: program },
                        user => DockerLogin::Password { user: user.to_owned(), password, stored_in: program },
                    })
                }
            },
            Ended::Exit(_) if output.stdout.trim() == NOT_THERE => Ok(DockerLogin::None { looked_in: program }),
            Ended::Exit(code) => {
                // Its words could be the secret.
                self.journal.scrubber().secret(output.stdout.trim());
                fails(format!("it ended with {code}"))
            }
        }
    }
}
