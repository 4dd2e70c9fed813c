//! Reading objects: one, a list in pages, a watch; as they are or as a table.

use std::sync::Arc;

use base64::Engine as _;
use serde_json::{Value, json};

use super::kinds::Kind;
use super::objects::{Object, Objects, selectable};
use super::query::Query;
use super::select::Selection;
use super::table;
use super::watch::{self, Watch};
use super::words::{Status, answer, whole};
use crate::http::Response;

/// A request to read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) kind: Kind,
    /// Empty for all.
    pub(crate) namespace: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) accept: &'a str,
}

impl Reading<'_> {
    /// One object.
    pub(crate) fn get(self, objects: &Objects, name: &str) -> Result<Response, Status> {
        let object = objects.get(self.kind, self.namespace, name)?;
        if table::wanted(self.accept) {
            let metadata = json!({"resourceVersion": object.version.to_string()});
            return Ok(answer(200, &self.table(&[object.value()], metadata)));
        }
        Ok(whole(200, "application/json", object.body.clone()))
    }

    /// A list, from where `continue` says, of at most `limit`.
    pub(crate) fn list(self, objects: &Objects) -> Result<Response, Status> {
        let selection = self.selection(None)?;
        let (all, version) = objects.list(self.kind, self.namespace);
        let start = self.query.first("continue");
        let after = if start.is_empty() { None } else { Some(read_continue(start)?) };
        let version = after.as_ref().map_or(version, |(version, _, _)| *version);
        let mut chosen: Vec<&Arc<Object>> = all
            .iter()
            .filter(|object| selection.takes(object))
            .filter(|object| {
                let key = (object.namespace.as_str(), object.name.as_str());
                after.as_ref().is_none_or(|(_, namespace, name)| key > (namespace.as_str(), name.as_str()))
            })
            .collect();
        let mut metadata = json!({"resourceVersion": version.to_string()});
        let limit = self.query.first("limit").parse::<usize>().ok().filter(|limit| *limit > 0);
        if let Some(limit) = limit.filter(|limit| *limit < chosen.len()) {
            let last = chosen[limit - 1];
            metadata["continue"] = json!(write_continue(version, &last.namespace, &last.name));
            metadata["remainingItemCount"] = json!(chosen.len() - limit);
            chosen.truncate(limit);
        }
        if table::wanted(self.accept) {
            let values: Vec<Value> = chosen.iter().map(|object| object.value()).collect();
            return Ok(answer(200, &self.table(&values, metadata)));
        }
        Ok(whole(200, "application/json", self.text(&chosen, &metadata)))
    }

    /// What a `deletecollection` deletes: the names, and the answer.
    pub(crate) fn collection(self, objects: &Objects) -> Result<(Vec<String>, Response), Status> {
        if self.kind.is_namespaced() && self.namespace.is_empty() {
            return Err(Status::method_not_allowed());
        }
        let selection = self.selection(None)?;
        let (all, version) = objects.list(self.kind, self.namespace);
        let chosen: Vec<&Arc<Object>> = all.iter().filter(|object| selection.takes(object)).collect();
        let text = self.text(&chosen, &json!({"resourceVersion": version.to_string()}));
        Ok((chosen.iter().map(|object| object.name.clone()).collect(), whole(200, "application/json", text)))
    }

    /// A watch, of one object where there is a name.
    pub(crate) fn watch(self, objects: Arc<Objects>, name: &str) -> Result<Response, Status> {
        let selection = self.selection((!name.is_empty()).then_some(name))?;
        let from = watch::version(self.query.first("resourceVersion"))?;
        let initial = self.query.first("sendInitialEvents");
        if let Some(version) = from.filter(|_| initial != "true") {
            // A version that is forgotten is refused at once, with the status of the answer.
            objects.since(self.kind, version)?;
        }
        let on = |name: &str| matches!(self.query.first(name), "true" | "1");
        let watch = Watch {
            kind: self.kind,
            namespace: self.namespace.to_owned(),
            selection,
            from: from.filter(|_| initial != "true"),
            bookmarks: on("allowWatchBookmarks"),
            mark_initial: initial == "true",
            as_table: table::wanted(self.accept),
            include_object: self.query.first("includeObject").to_owned(),
            timeout: self.query.first("timeoutSeconds").parse().ok(),
        };
        Ok(watch.answer(objects))
    }

    fn selection(self, name: Option<&str>) -> Result<Selection, Status> {
        let mut fields = self.query.first("fieldSelector").to_owned();
        if let Some(name) = name {
            fields = format!("metadata.name={name}");
        }
        let selection = Selection::parse(self.query.first("labelSelector"), &fields)?;
        let mut known = vec!["metadata.name", "metadata.namespace"];
        known.extend(selectable(self.kind).iter().map(|(field, _)| *field));
        if self.kind == Kind::Pod {
            known.push("spec.schedulerName");
        }
        selection.supported(&known)?;
        Ok(selection)
    }

    fn table(self, objects: &[Value], metadata: Value) -> Value {
        table::table(self.kind, objects, metadata, self.query.first("includeObject"))
    }

    /// The list's JSON, the objects' own text copied into it.
    fn text(self, objects: &[&Arc<Object>], metadata: &Value) -> Vec<u8> {
        let kind = self.kind;
        let (list, version) = (format!("{}List", kind.name()), kind.api_version());
        let start = json!({"kind": list, "apiVersion": version, "metadata": metadata}).to_string();
        let mut text =
            Vec::with_capacity(objects.iter().map(|object| object.body.len() + 1).sum::<usize>() + start.len() + 16);
        text.extend_from_slice(start.trim_end_matches('}').as_bytes());
        text.extend_from_slice(b"},\"items\":[");
        for (number, object) in objects.iter().enumerate() {
            if number > 0 {
                text.push(b',');
            }
            text.extend_from_slice(&object.body);
        }
        text.extend_from_slice(b"]}");
        text
    }
}

fn write_continue(version: u64, namespace: &str, name: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json!([version, namespace, name]).to_string())
}

fn read_continue(token: &str) -> Result<(u64, String, String), Status> {
    let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).ok();
    let read = decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    read.ok_or_else(|| Status::bad_request("continue key is not valid: invalid continue token"))
}
