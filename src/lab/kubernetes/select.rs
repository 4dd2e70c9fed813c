//! Label and field selectors.

use super::objects::Object;
use super::words::Status;

/// Which objects of a list or watch are meant.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    labels: Vec<Requirement>,
    fields: Vec<(String, bool, String)>,
}

#[derive(Debug)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

impl Selection {
    /// Reads `labelSelector` and `fieldSelector` as they stand in a query.
    pub(crate) fn parse(labels: &str, fields: &str) -> Result<Selection, Status> {
        let mut selection = Selection::default();
        for part in split(labels) {
            selection.labels.push(requirement(&part)?);
        }
        for part in fields.split(',').filter(|part| !part.is_empty()) {
            let (key, equal, value) = if let Some((key, value)) = part.split_once("!=") {
                (key, false, value)
            } else if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
                (key, true, value)
            } else {
                return Err(Status::bad_request(format!("invalid selector: '{fields}'; can't understand '{part}'")));
            };
            selection.fields.push((key.trim().to_owned(), equal, value.trim().to_owned()));
        }
        Ok(selection)
    }

    /// Refuses fields that objects of this kind cannot be selected by.
    pub(crate) fn supported(&self, known: &[&str]) -> Result<(), Status> {
        match self.fields.iter().find(|(key, _, _)| !known.contains(&key.as_str())) {
            Some((key, _, _)) => Err(Status::bad_request(format!("field label not supported: {key}"))),
            None => Ok(()),
        }
    }

    /// Whether an object is meant.
    pub(crate) fn takes(&self, object: &Object) -> bool {
        let label = |key: &str| object.labels.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        let labels = self.labels.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => label(key).is_some_and(|value| values.contains(value)),
            Requirement::NotIn(key, values) => !label(key).is_some_and(|value| values.contains(value)),
            Requirement::Exists(key) => label(key).is_some(),
            Requirement::Absent(key) => label(key).is_none(),
        });
        let field = |key: &str| match key {
            "metadata.name" => object.name.as_str(),
            "metadata.namespace" => object.namespace.as_str(),
            key => object.fields.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value.as_str()),
        };
        labels && self.fields.iter().all(|(key, equal, value)| (field(key) == value) == *equal)
    }
}

/// Splits at the commas that are not between parentheses.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn requirement(part: &str) -> Result<Requirement, Status> {
    let unreadable = || Status::bad_request(format!("unable to parse requirement: found '{part}'"));
    let set = |text: &str| -> Result<Vec<String>, Status> {
        let inner = text.trim().strip_prefix('(').and_then(|text| text.strip_suffix(')')).ok_or_else(unreadable)?;
        Ok(inner.split(',').map(|value| value.trim().to_owned()).collect())
    };
    let key = |text: &str| text.trim().to_owned();
    if let Some((name, values)) = part.split_once(" notin ") {
        Ok(Requirement::NotIn(key(name), set(values)?))
    } else if let Some((name, values)) = part.split_once(" in ") {
        Ok(Requirement::In(key(name), set(values)?))
    } else if let Some((name, value)) = part.split_once("!=") {
        Ok(Requirement::NotIn(key(name), vec![key(value)]))
    } else if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        Ok(Requirement::In(key(name), vec![key(value)]))
    } else if let Some(name) = part.strip_prefix('!') {
        Ok(Requirement::Absent(key(name)))
    } else if part.contains(['(', ')', ' ']) {
        Err(unreadable())
    } else {
        Ok(Requirement::Exists(key(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubernetes::kinds::Kind;
    use crate::kubernetes::objects::Objects;

    #[test]
    fn selects_as_kubernetes_does() {
        let objects = Objects::new();
        let pod = serde_json::json!({
            "metadata": {"name": "p", "namespace": "dss", "labels": {"app": "probe", "run": "7"}},
            "spec": {"nodeName": "a"},
        });
        let pod = objects.create(Kind::Pod, pod).expect("created");
        let takes = |labels: &str, fields: &str| Selection::parse(labels, fields).expect("readable").takes(&pod);
        for labels in ["app=probe", "app==probe,run", "app in (x, probe)", "run notin (8)", "!gone", "app!=x", ""] {
            assert!(takes(labels, ""), "{labels}");
        }
        for labels in ["app=x", "!app", "app notin (probe)", "gone", "app!=probe"] {
            assert!(!takes(labels, ""), "{labels}");
        }
        assert!(takes("", "metadata.name=p,spec.nodeName!=b,status.phase="));
        assert!(!takes("", "spec.nodeName=b"));
        assert!(Selection::parse("a b", "").is_err());
        assert!(Selection::parse("", "x").is_err());
    }
}
