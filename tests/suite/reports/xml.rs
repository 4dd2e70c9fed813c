//! JUnit reports as an XML reader sees them.

use quick_xml::XmlVersion;
use quick_xml::events::Event;

/// The names of the test cases of a JUnit report, as an XML reader sees them; fails where it is not well formed.
pub(crate) fn names(xml: &str) -> Vec<String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap_or_else(|why| panic!("{why} in {xml}")) {
            Event::Eof => return names,
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap();
                    assert_eq!(value.chars().find(|&c| forbidden(c)), None, "{value:?}");
                    if tag.name().as_ref() == "testcase" && attribute.key.as_ref() == "name" {
                        names.push(value.into_owned());
                    }
                }
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                assert_eq!(text.chars().find(|&c| forbidden(c)), None, "{text:?}");
                assert!(!text.contains("]]>"), "{text:?}");
            }
            Event::GeneralRef(reference) => {
                let c = reference.resolve_char_ref().unwrap();
                assert!(c.is_none_or(|c| !forbidden(c)), "{reference:?}");
                assert!(c.is_some() || ["amp", "lt", "gt", "quot", "apos"].contains(&&*reference), "{reference:?}");
            }
            _ => {}
        }
    }
}

/// XML 1.0, production 2 (`Char`), turned round.
fn forbidden(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
