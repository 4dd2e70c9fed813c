//! What a request to the registry names: its path and its query.

use http::Method;

use crate::http::Request;

/// What a path of the registry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Root,
    Catalogue,
    Tags(String),
    Blob(String, String),
    Manifest(String, String),
    Uploads(String),
    Upload(String, String),
}

impl Target {
    /// Parses a path; none if the registry has no such path.
    pub(super) fn parse(path: &str) -> Option<Target> {
        let rest = path.strip_prefix("/v2")?;
        if matches!(rest, "" | "/") {
            return Some(Target::Root);
        }
        let rest = rest.strip_prefix('/')?;
        if rest == "_catalog" {
            return Some(Target::Catalogue);
        }
        let named = |name: &str| name_is_valid(name).then(|| name.to_owned());
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Some(Target::Tags(named(name)?));
        }
        let split = |at: &str| rest.rsplit_once(at).map(|(name, last)| (name, last.to_owned()));
        if let Some((name, id)) = split("/blobs/uploads/") {
            return Some(if id.is_empty() { Target::Uploads(named(name)?) } else { Target::Upload(named(name)?, id) });
        }
        if let Some(name) = rest.strip_suffix("/blobs/uploads") {
            return Some(Target::Uploads(named(name)?));
        }
        if let Some((name, digest)) = split("/blobs/") {
            return Some(Target::Blob(named(name)?, digest));
        }
        let (name, reference) = split("/manifests/")?;
        Some(Target::Manifest(named(name)?, reference))
    }

    /// The scopes that a request for it requires: type, name and action.
    pub(super) fn needs(&self, method: &Method) -> Vec<[String; 3]> {
        let scope = |name: &str, action: &str| ["repository".to_owned(), name.to_owned(), action.to_owned()];
        match self {
            Target::Root => Vec::new(),
            Target::Catalogue => vec![["registry".to_owned(), "catalog".to_owned(), "*".to_owned()]],
            Target::Tags(name) => vec![scope(name, "pull")],
            Target::Uploads(name) | Target::Upload(name, _) => vec![scope(name, "pull"), scope(name, "push")],
            Target::Blob(name, _) | Target::Manifest(name, _) => match *method {
                Method::GET | Method::HEAD => vec![scope(name, "pull")],
                Method::DELETE => vec![scope(name, "delete")],
                _ => vec![scope(name, "pull"), scope(name, "push")],
            },
        }
    }
}

/// Path components of lower-case letters and digits, separated inside by `.`, `_` or `-` (distribution spec).
fn name_is_valid(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 255
        && name.split('/').all(|part| {
            part.starts_with(edge) && part.ends_with(edge) && part.chars().all(|c| edge(c) || "._-".contains(c))
        })
}

/// The decoded parameters of the query.
pub(super) fn query(request: &Request) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes()).into_owned().collect()
}

/// The first value of a parameter.
pub(super) fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}
