//! The XML of OSS: answers and errors written, request bodies read.

use serde::Deserialize;

/// A document being written.
#[derive(Debug)]
pub(super) struct Xml(String);

impl Xml {
    /// A document whose root is `name`, filled by `inside`.
    pub(super) fn document(name: &str, inside: impl FnOnce(&mut Xml)) -> String {
        let mut xml = Xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned());
        xml.nest(name, inside);
        xml.0
    }

    /// A text.
    pub(super) fn value(&mut self, value: impl std::fmt::Display) {
        self.0.push_str(&quick_xml::escape::escape(value.to_string()));
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &str, value: impl std::fmt::Display) {
        self.nest(name, |xml| xml.value(value));
    }

    /// An element with a text, where there is one.
    pub(super) fn text_if(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// An element with elements.
    pub(super) fn nest(&mut self, name: &str, inside: impl FnOnce(&mut Xml)) {
        self.0.push_str(&format!("<{name}>"));
        inside(self);
        self.0.push_str(&format!("</{name}>"));
    }
}

/// The body of `POST /?delete`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteBody {
    #[serde(default)]
    pub quiet: bool,
    #[serde(default, rename = "Object")]
    pub objects: Vec<DeleteObject>,
}

/// One object of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteObject {
    pub key: String,
    pub version_id: Option<String>,
}

/// The body of `POST /key?uploadId=`.
#[derive(Debug, Deserialize)]
pub(super) struct CompleteBody {
    #[serde(default, rename = "Part")]
    pub parts: Vec<CompletePart>,
}

/// One part of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CompletePart {
    pub part_number: u32,
    #[serde(rename = "ETag")]
    pub etag: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_reads_back() {
        let text = Xml::document("Error", |xml| {
            xml.text("Message", "a <b> & \"c\"");
            xml.text_if("EC", None::<&str>);
        });
        assert!(text.ends_with("<Error><Message>a &lt;b&gt; &amp; &quot;c&quot;</Message></Error>"), "{text}");
        let body =
            "<Delete><Quiet>true</Quiet><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>";
        let delete: DeleteBody = quick_xml::de::from_str(body).unwrap();
        assert!(delete.quiet);
        assert_eq!(delete.objects.iter().map(|object| object.key.as_str()).collect::<Vec<_>>(), ["a&b", "c"]);
    }
}
