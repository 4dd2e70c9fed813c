//! What a registry's 401 asks for, as Docker reads it: of each `WWW-Authenticate` header the first challenge alone.
//!
//! Docker, BuildKit and containerd share a reader that is no more than that. One that also read a second challenge of the
//! same header would log in where none of them does.

use url::Url;

use ackcheck_core::seat::HttpReply;

/// How a registry wants its users to prove themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// The user and password with every request.
    Basic,
    /// A token from this service.
    Bearer {
        /// Where tokens are given.
        realm: String,
        /// What the token is to be for, as the registry calls itself.
        service: Option<String>,
        /// What the token is to allow: `repository:NAME:ACTION,…`, several with spaces between.
        scope: Option<String>,
    },
}

impl Challenge {
    /// What an answer asks for; Bearer goes before Basic where both are offered. `None` where neither is, or where Bearer
    /// names no service to get a token from.
    pub(crate) fn of(reply: &HttpReply) -> Option<Challenge> {
        let headers = reply.headers.iter().filter(|(name, _)| name == "www-authenticate");
        let schemes: Vec<Scheme> = headers.filter_map(|(_, header)| scheme(header)).collect();
        if let Some((_, parameters)) = schemes.iter().find(|(scheme, _)| scheme == "bearer") {
            // Of a name that is repeated the last counts.
            let value = |name: &str| parameters.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.clone());
            let (service, scope) = (value("service"), value("scope"));
            return value("realm").map(|realm| Challenge::Bearer { realm, service, scope });
        }
        schemes.iter().any(|(scheme, _)| scheme == "basic").then_some(Challenge::Basic)
    }
}

/// The URL of a realm that credentials may be sent to: https, or http on this machine alone.
pub(crate) fn trustworthy(realm: &str) -> Result<Url, String> {
    let url = Url::parse(realm).map_err(|error| format!("the realm {realm:?} is no URL: {error}"))?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(format!("the realm {realm} names no host")),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        scheme => Err(format!("the realm {realm} is {scheme}, not https: the password is not sent there")),
    }
}

/// An authentication scheme and its parameters, names in lower case.
type Scheme = (String, Vec<(String, String)>);

/// The first challenge of a header. It ends where a word stands that is no `name=value` with nothing before the `=`.
fn scheme(header: &str) -> Option<Scheme> {
    let (scheme, rest) = token(header);
    if scheme.is_empty() {
        return None;
    }
    let mut parameters = Vec::new();
    let mut rest = Some(rest.trim_start_matches(SPACE));
    while let Some(text) = rest {
        let (name, after) = token(text.trim_start_matches(SPACE));
        let Some((value, after)) = after.strip_prefix('=').and_then(quoted_or_bare).filter(|_| !name.is_empty()) else {
            break;
        };
        parameters.push((name.to_ascii_lowercase(), value));
        rest = after.trim_start_matches(SPACE).strip_prefix(',');
    }
    Some((scheme.to_ascii_lowercase(), parameters))
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// A token (RFC 9110 5.6.2) and what follows it; empty where none stands here.
fn token(text: &str) -> (&str, &str) {
    let separator = |c: char| !c.is_ascii_graphic() || "\"(),/:;<=>?@[]\\{}".contains(c);
    text.split_at(text.find(separator).unwrap_or(text.len()))
}

/// A parameter's value and what follows it; none where it is empty or its quotes do not end.
fn quoted_or_bare(text: &str) -> Option<(String, &str)> {
    let Some(inner) = text.strip_prefix('"') else {
        let (value, after) = token(text);
        return (!value.is_empty()).then(|| (value.to_owned(), after));
    };
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (!value.is_empty()).then(|| (value, &inner[at + 1..])),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str]) -> Option<Challenge> {
        let headers = headers.iter().map(|header| ("www-authenticate".to_owned(), (*header).to_owned())).collect();
        Challenge::of(&HttpReply { status: 401, headers, body: String::new() })
    }

    fn bearer(realm: &str) -> Option<Challenge> {
        Some(Challenge::Bearer { realm: realm.to_owned(), service: None, scope: None })
    }

    #[test]
    fn reads_the_challenges_that_registries_send() {
        let acr = r#"Bearer realm="https://dockerauth.cn-hangzhou.aliyuncs.com/auth",service="registry.aliyuncs.com:cn-hangzhou:26842",scope="repository:a/b:pull,push""#;
        assert_eq!(
            read(&[acr]),
            Some(Challenge::Bearer {
                realm: "https://dockerauth.cn-hangzhou.aliyuncs.com/auth".into(),
                service: Some("registry.aliyuncs.com:cn-hangzhou:26842".into()),
                scope: Some("repository:a/b:pull,push".into())
            })
        );
        assert_eq!(read(&[r#"Basic realm="Registry Realm""#]), Some(Challenge::Basic));
        assert_eq!(read(&["basic"]), Some(Challenge::Basic));
        for nothing in ["", "Negotiate", "Bearer", "=", "\"", "Bearer realm", ",,,", "Bearer realm=\"\""] {
            assert_eq!(read(&[nothing]), None, "{nothing}");
        }
    }

    #[test]
    fn of_several_headers_bearer_counts_and_of_one_header_the_first_challenge() {
        let (basic, token) = (r#"Basic realm="a, \"b\"""#, r#"BEARER realm="https://t.example/auth""#);
        for both in [[basic, token], [token, basic]] {
            assert_eq!(read(&both), bearer("https://t.example/auth"), "{both:?}");
        }
        assert_eq!(read(&["Negotiate", token]), bearer("https://t.example/auth"));
        assert_eq!(read(&[&format!("{basic}, {token}")]), Some(Challenge::Basic));
        assert_eq!(read(&[&format!("{token}, {basic}")]), bearer("https://t.example/auth"));
        // A bare value ends at its first separator, as those of Go's reader do; spaces around `=` end the parameters.
        assert_eq!(read(&["Bearer realm=https://t.example/auth"]), bearer("https"));
        assert_eq!(read(&[r#"Bearer realm = "https://t.example/auth""#]), None);
        let spaced = read(&[r#"Bearer realm="https://t.example/auth" , service=s"#]);
        assert!(matches!(spaced, Some(Challenge::Bearer { service: Some(service), .. }) if service == "s"));
    }

    #[test]
    fn a_password_goes_to_https_or_to_this_machine_only() {
        for good in ["https://a.example/auth", "http://127.0.0.1:5001/auth", "http://[::1]/auth", "http://localhost/t"]
        {
            assert!(trustworthy(good).is_ok(), "{good}");
        }
        for bad in ["http://a.example/auth", "http://127.0.0.1.evil.example/", "ftp://a.example/", "auth", "data:x"] {
            assert!(trustworthy(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_it_panic(header in ".{0,200}") {
            let _ = read(&[&header]);
        }
    }
}
