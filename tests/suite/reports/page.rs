//! The page as a browser reads it.

use std::collections::BTreeSet;

use base64::Engine as _;
use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use sha2::{Digest as _, Sha256};

/// Every element that the page is made of.
const ELEMENTS: &str = "html head meta title style body a header h1 h2 h3 h4 p strong br span nav ul ol li main section div \
                        svg rect text polyline polygon g table caption thead tbody tr th td article pre code details \
                        summary dl dt dd script";
/// Every attribute that may have a text of the record in it, and those of the page's own.
const ATTRIBUTES: &str = "lang charset http-equiv content name class href id aria-labelledby aria-label role tabindex \
                          viewBox x y width height rx points scope data-outcome";

/// An element with its attributes and the text within it.
pub(crate) struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The elements of a page in their order. Fails where a browser would have to mend something, where there is an element or
/// an attribute that the page does not write, a reference out of the page, one to nothing, or a name that stands twice.
pub(crate) fn elements(page: &str) -> Vec<Element> {
    let options = html5ever::ParseOpts::default();
    let dom = html5ever::parse_document(RcDom::default(), options).one(page);
    let errors: Vec<String> = dom.errors.borrow().iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut elements = Vec::new();
    walk(&dom.document, &mut elements);
    let mut ids = BTreeSet::new();
    for element in &elements {
        let known = |all: &str, name: &str| all.split(' ').any(|known| known == name);
        assert!(known(ELEMENTS, &element.name), "<{}>", element.name);
        for (name, _) in &element.attributes {
            assert!(known(ATTRIBUTES, name), "<{} {name}>", element.name);
        }
        if let Some(id) = element.attribute("id") {
            assert!(ids.insert(id), "two are named {id}");
        }
    }
    for href in elements.iter().filter_map(|element| element.attribute("href")) {
        let id = href.strip_prefix('#').unwrap_or_else(|| panic!("{href} leads out of the page"));
        assert!(ids.contains(id), "{href} leads nowhere");
    }
    let count = |name: &str| elements.iter().filter(|element| element.name == name).count();
    assert_eq!((count("h1"), count("main"), count("script"), count("style")), (1, 1, 1, 1));
    elements
}

fn walk(node: &Handle, elements: &mut Vec<Element>) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow();
        let attributes = attributes.iter().map(|it| (it.name.local.to_string(), it.value.to_string())).collect();
        let (name, mut text) = (name.local.to_string(), String::new());
        text_of(node, &mut text);
        elements.push(Element { name, attributes, text });
    }
    for child in node.children.borrow().iter() {
        walk(child, elements);
    }
}

fn text_of(node: &Handle, out: &mut String) {
    if let NodeData::Text { contents } = &node.data {
        out.push_str(&contents.borrow());
    }
    for child in node.children.borrow().iter() {
        text_of(child, out);
    }
}

/// The policy of the page lets no script run but its own.
#[test]
fn only_the_pages_own_script_may_run() {
    let page = super::plain(super::Format::Html, &super::report("hostile"));
    let elements = elements(&page);
    let script = elements.iter().find(|element| element.name == "script").unwrap();
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&script.text));
    let policy =
        elements.iter().find_map(|element| element.attribute("content").filter(|it| it.contains("-src"))).unwrap();
    assert!(
        policy.contains(&format!("script-src 'sha256-{digest}'")),
        "script.js was changed: src/core/report/html/script.sha256 has to be {digest}"
    );
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
}

/// Hostile text is there to be read, as text.
#[test]
fn hostile_text_is_shown() {
    let page = super::plain(super::Format::Html, &super::report("hostile"));
    let shown = "\\u{1b}[31mred\\u{1b}[0m \\u{7}bell ]]> <b>&amp;\"' tab";
    let elements = elements(&page);
    for name in ["p", "li", "article", "dd", "dt"] {
        assert!(elements.iter().any(|element| element.name == name && element.text.contains(shown)), "no <{name}>");
    }
}

/// Whoever cannot see the picture finds the same in a table, and each arrow leads to its cases.
#[test]
fn the_picture_is_told_in_words_too() {
    let elements = elements(&super::plain(super::Format::Html, &super::report("failures")));
    let within = |element: &&Element| element.name == "a" && element.text.starts_with(['✓', '✗', '?', '⊘', '!', '–']);
    let arrows: Vec<&str> = elements.iter().filter(within).filter_map(|element| element.attribute("href")).collect();
    let (arrows, places): (BTreeSet<&str>, BTreeSet<String>) =
        (arrows.into_iter().collect(), ackcheck_core::report::places().map(|(id, _)| format!("#{id}")).collect());
    assert_eq!(arrows, places.iter().map(String::as_str).collect());
    let rows: Vec<&Element> = elements.iter().filter(|element| element.name == "tr").collect();
    assert_eq!(rows.len(), places.len() + 1);
    assert!(
        rows.iter()
            .any(|row| row.text.contains("Nodes to the registry") && row.text.contains("stops at registry-pull"))
    );
}
