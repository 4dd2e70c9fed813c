//! What `AliyunOSSFileSystem.initialize` does with a configuration, step by step, up to its first request.

use std::fmt;

use super::provider::Provider;
use super::{Configuration, Credentials, Told, Unknown, Why, endpoint};
use crate::java;
use crate::seat::dss::read;

/// One thing that Hadoop reads and cannot go on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub key: &'static str,
    pub fault: Fault,
}

/// Why Hadoop cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    NotANumber {
        text: String,
    },
    TooSmall {
        text: String,
        least: i64,
    },
    TooLarge {
        text: String,
        most: i64,
    },
    /// Variables in variables, more than Hadoop resolves.
    TooDeep,
    /// A port is set, and no host.
    ProxyWithoutHost,
    /// A host with blanks in it.
    ProxyHost {
        text: String,
    },
    /// One of the proxy's user and password is set; this is the other.
    ProxyLacks(&'static str),
    EndpointMissing,
    EndpointMalformed {
        text: String,
        why: String,
    },
    KeyMissing,
    /// The path of the credential store is set, and empty.
    StoreEmpty,
    ProviderConstructor {
        class: String,
    },
    Acl {
        text: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.key;
        match &self.fault {
            Fault::NotANumber { text } => write!(f, "{key} is {text:?}, which is not a whole number"),
            Fault::TooSmall { text, least } => write!(f, "{key} is {text:?}, and the least is {least}"),
            Fault::TooLarge { text, most } => write!(f, "{key} is {text:?}, and the most is {most}"),
            Fault::TooDeep => write!(f, "{key} has variables in variables, more than Hadoop resolves"),
            Fault::ProxyWithoutHost => write!(f, "{key} is set without {}", read::PROXY_HOST),
            Fault::ProxyHost { text } => write!(f, "{key} is {text:?}, which has blanks in it"),
            Fault::ProxyLacks(other) => write!(f, "{key} is set without {other}"),
            Fault::EndpointMissing | Fault::KeyMissing => write!(f, "{key} is not set"),
            Fault::StoreEmpty => write!(f, "{key} is set, and empty"),
            Fault::EndpointMalformed { text, why } => write!(f, "{key} is {text:?}: {why}"),
            Fault::ProviderConstructor { class } => {
                write!(f, "{key} is {class}, which has no constructor that Hadoop can call")
            }
            Fault::Acl { text } => write!(f, "{key} is {text:?}, which is not an ACL that Hadoop knows"),
        }
    }
}

/// One step that does not simply succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Fails(Problem),
    /// Whether it succeeds depends on a value that is not told.
    Unknown(Unknown),
    /// OSS is asked, and decides whether there is a next step.
    Request,
}

/// What goes wrong once the connection is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    pub problem: Problem,
    /// What fails each time: `list`, `read`, `write`, `request`.
    pub fails: &'static str,
}

impl fmt::Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the connection opens, and each {} fails", self.problem, self.fails)
    }
}

/// The proxy that requests go through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    pub host: String,
    pub port: u16,
    pub user: Option<String>,
}

impl Proxy {
    /// Where it is; none where the host is no host name or address: nothing resolves it.
    pub fn authority(&self) -> Option<String> {
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let Proxy { host, port, .. } = self;
        match host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => Some(format!("[{address}]:{port}")),
            Err(_) => host.chars().all(name).then(|| format!("{host}:{port}")),
        }
    }
}

/// The client that a connection becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// What goes wrong, or may, in the order in which Hadoop meets it; the first failure ends it.
    pub steps: Vec<Step>,
    /// What goes wrong after all of these.
    pub later: Vec<Later>,
    /// The endpoint, trimmed.
    pub endpoint: Told<String>,
    /// Whether requests go by TLS where the endpoint has no scheme of its own.
    pub secure: Told<bool>,
    /// Unset where requests go straight.
    pub proxy: Told<Proxy>,
    /// The bucket's ACL, which is set each time a connection is opened.
    pub acl: Told<String>,
}

/// The values of `CannedAccessControlList`, as `valueOf` knows them.
pub(super) const ACLS: [&str; 4] = ["Default", "Private", "PublicRead", "PublicReadWrite"];

impl Client {
    pub(super) fn of(configuration: &Configuration) -> Client {
        let mut reader = Reader { configuration, steps: Vec::new() };
        let keep_alive = reader.long(read::KEEP_ALIVE, Some(0));
        reader.int(read::ACTIVE_BLOCKS, Some(1));
        let connections = reader.int(read::MAXIMUM_CONNECTIONS, None);
        let secure = reader.settled(read::SECURE, configuration.boolean(read::SECURE, true));
        for key in [read::ATTEMPTS, read::ESTABLISH_TIMEOUT, read::TIMEOUT] {
            reader.int(key, None);
        }
        let proxy = reader.proxy(&secure);
        let endpoint = reader.settled(read::ENDPOINT, configuration.trimmed(read::ENDPOINT));
        let missing = matches!(&endpoint, Told::Unset) || matches!(&endpoint, Told::Known(text) if text.is_empty());
        if missing {
            reader.fails(read::ENDPOINT, Fault::EndpointMissing);
        }
        reader.credentials();
        if let Some(text) = connections.filter(|(number, _)| *number < 1).map(|(_, text)| text) {
            reader.fails(read::MAXIMUM_CONNECTIONS, Fault::TooSmall { text, least: 1 });
        }
        if let Told::Known(Proxy { host: text, .. }) = &proxy
            && text.chars().any(java::is_blank)
        {
            reader.fails(read::PROXY_HOST, Fault::ProxyHost { text: text.clone() });
        }
        if let (false, Told::Known(text)) = (missing, &endpoint)
            && let Err(why) = endpoint::accepted(text)
        {
            reader.fails(read::ENDPOINT, Fault::EndpointMalformed { text: text.clone(), why });
        }
        reader.long(read::UPLOAD_SIZE, None);
        let acl = reader.acl();
        for key in read::LATER_NUMBERS {
            reader.int(key, None);
        }
        // Allowed when it is read, and not by the pool of threads that is made of it.
        if let Some((0, text)) = keep_alive {
            reader.fails(read::KEEP_ALIVE, Fault::TooSmall { text, least: 1 });
        }
        for key in read::LAST_NUMBERS {
            reader.int(key, None);
        }
        Client { steps: reader.steps, later: later(configuration), endpoint, secure, proxy, acl }
    }

    /// Everything that certainly goes wrong, in the order in which Hadoop would meet it.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.steps.iter().filter_map(|step| match step {
            Step::Fails(problem) => Some(problem),
            Step::Unknown(_) | Step::Request => None,
        })
    }
}

/// What each operation makes of numbers that a client is opened with all the same, as hadoop-aliyun 3.2.1 and 3.3.6 do: a list
/// of more than 1000 objects is refused by the SDK or by OSS, a socket takes no negative time, a part to read has a byte at
/// least (a read of parts of 0 bytes never ends), and two sizes are not looked at before. What depends on a variable is left
/// open.
fn later(configuration: &Configuration) -> Vec<Later> {
    let ports = (i64::MIN, i64::from(u16::MAX));
    let numbers = [
        (read::TIMEOUT, "request", (0, i64::MAX)),
        (read::PROXY_PORT, "request", ports),
        (read::PAGING, "list", (1, 1000)),
        (read::DOWNLOAD_SIZE, "read", (1, i64::MAX)),
        (read::BLOCK_SIZE, "write", (i64::MIN, i64::MAX)),
    ];
    let judged = numbers.into_iter().filter_map(|(key, fails, (least, most))| {
        let text = configuration.trimmed(key).known()?;
        let fault = match java::long(&text) {
            None => Fault::NotANumber { text },
            Some(number) if number < least => Fault::TooSmall { text, least },
            Some(number) if number > most => Fault::TooLarge { text, most },
            Some(_) => return None,
        };
        Some(Later { problem: Problem { key, fault }, fails })
    });
    judged.collect()
}

/// Reads a configuration and keeps what goes wrong.
struct Reader<'a> {
    configuration: &'a Configuration,
    steps: Vec<Step>,
}

impl Reader<'_> {
    fn fails(&mut self, key: &'static str, fault: Fault) {
        self.steps.push(Step::Fails(Problem { key, fault }));
    }

    /// Keeps what is unknown, or cannot be read.
    fn settled<T>(&mut self, key: &'static str, told: Told<T>) -> Told<T> {
        match &told {
            Told::Unknown(unknown) => self.steps.push(Step::Unknown(unknown.clone())),
            Told::TooDeep => self.fails(key, Fault::TooDeep),
            Told::Known(_) | Told::Unset => {}
        }
        told
    }

    /// A number of 64 bits, with its text.
    fn long(&mut self, key: &'static str, least: Option<i64>) -> Option<(i64, String)> {
        self.number(key, least, java::long)
    }

    /// A number of 32 bits, with its text.
    fn int(&mut self, key: &'static str, least: Option<i64>) -> Option<(i64, String)> {
        self.number(key, least, |text| java::int(text).map(i64::from))
    }

    fn number(
        &mut self,
        key: &'static str,
        least: Option<i64>,
        read: impl Fn(&str) -> Option<i64>,
    ) -> Option<(i64, String)> {
        let text = self.settled(key, self.configuration.trimmed(key)).known()?;
        match (read(&text), least) {
            (None, _) => self.fails(key, Fault::NotANumber { text }),
            (Some(number), Some(least)) if number < least => self.fails(key, Fault::TooSmall { text, least }),
            (Some(number), _) => return Some((number, text)),
        }
        None
    }

    fn proxy(&mut self, secure: &Told<bool>) -> Told<Proxy> {
        let host = self.settled(read::PROXY_HOST, self.configuration.trimmed(read::PROXY_HOST));
        let before = self.steps.len();
        let port = self.int(read::PROXY_PORT, None);
        if self.steps.len() > before {
            return Told::Unset;
        }
        let host = match host {
            Told::Known(host) if !host.is_empty() => host,
            Told::Known(_) | Told::Unset => {
                if port.is_some_and(|(number, _)| number >= 0) {
                    self.fails(read::PROXY_PORT, Fault::ProxyWithoutHost);
                }
                return Told::Unset;
            }
            other => return other.map(|_| Proxy { host: String::new(), port: 0, user: None }),
        };
        let port = match port {
            Some((0, text)) => {
                self.fails(read::PROXY_PORT, Fault::TooSmall { text, least: 1 });
                return Told::Unset;
            }
            Some((number, _)) if number > 0 => number,
            _ if *secure == Told::Known(false) => 80,
            _ => 443,
        };
        let set = |key| self.configuration.setting(key).is_some();
        match (set(read::PROXY_USER), set(read::PROXY_PASSWORD)) {
            (true, false) => self.fails(read::PROXY_USER, Fault::ProxyLacks(read::PROXY_PASSWORD)),
            (false, true) => self.fails(read::PROXY_PASSWORD, Fault::ProxyLacks(read::PROXY_USER)),
            _ => {}
        }
        let user = self.settled(read::PROXY_USER, self.configuration.trimmed(read::PROXY_USER)).known();
        // A port beyond 16 bits is taken here and fails at the first request.
        match u16::try_from(port) {
            Ok(port) => Told::Known(Proxy { host, port, user }),
            Err(_) => Told::Unset,
        }
    }

    fn credentials(&mut self) {
        match self.configuration.credentials() {
            Credentials::Provider(class) => match Provider::of(&class) {
                Provider::NoConstructor => self.fails(read::KEY_PROVIDER, Fault::ProviderConstructor { class }),
                Provider::Other => {
                    self.steps.push(Step::Unknown(Unknown { key: read::KEY_PROVIDER.to_owned(), why: Why::Class }));
                }
                Provider::Environment | Provider::SystemProperties | Provider::Profile => {}
            },
            Credentials::Unknown(unknown) => self.steps.push(Step::Unknown(unknown)),
            Credentials::TooDeep => self.fails(read::KEY_PROVIDER, Fault::TooDeep),
            Credentials::Key { id, secret, .. } => {
                if self.configuration.get(read::CREDENTIAL_STORE) == Told::Known(String::new()) {
                    self.fails(read::CREDENTIAL_STORE, Fault::StoreEmpty);
                }
                for (key, told) in [(read::KEY_ID, id), (read::KEY_SECRET, secret)] {
                    match told {
                        Told::Unset => self.fails(key, Fault::KeyMissing),
                        told => drop(self.settled(key, told)),
                    }
                }
            }
        }
    }

    /// Read without trimming.
    fn acl(&mut self) -> Told<String> {
        match self.settled(read::ACL, self.configuration.get(read::ACL)) {
            Told::Known(text) if text.is_empty() => Told::Unset,
            Told::Known(text) if !ACLS.contains(&text.as_str()) => {
                self.fails(read::ACL, Fault::Acl { text });
                Told::Unset
            }
            Told::Known(text) => {
                self.steps.push(Step::Request);
                Told::Known(text)
            }
            told => told,
        }
    }
}
