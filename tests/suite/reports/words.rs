//! Markdown as GitHub reads it, and the short report as a chat does.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::{Format, plain, report};

/// The raw HTML that the report writes itself.
const OWN: [&str; 4] = ["<details><summary>", "</summary>", "</details>", ""];

/// Fails where Markdown has an element that the report does not write; gives how many headings and blocks of code there are.
pub(crate) fn structure(markdown: &str) -> (usize, usize) {
    let (mut headings, mut blocks) = (0, 0);
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let words = "To fix|Not asked, and why|consequences explained|consequences blocked|consequence explained|consequence blocked";
                let mut left =
                    html.trim().trim_start_matches("<details><summary>").trim_end_matches("</summary>").to_owned();
                left = left.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned();
                assert!(
                    OWN.contains(&html.trim()) || words.split('|').any(|own| own == left),
                    "{html:?} in {markdown}"
                );
            }
            Event::Start(tag) => match tag {
                Tag::Heading { .. } => headings += 1,
                Tag::CodeBlock(_) => blocks += 1,
                Tag::Paragraph | Tag::List(None) | Tag::Item | Tag::HtmlBlock | Tag::Strong => {}
                other => panic!("{other:?} in {markdown}"),
            },
            Event::End(_) | Event::Text(_) | Event::Code(_) | Event::SoftBreak => {}
            other => panic!("{other:?} in {markdown}"),
        }
    }
    (headings, blocks)
}

#[test]
fn hostile_text_makes_no_element_of_markdown() {
    let (headings, blocks) = structure(&plain(Format::Markdown, &report("hostile")));
    // The report itself, three causes, the warnings, what was left behind; what was seen, and one remedy.
    assert_eq!((headings, blocks), (6, 5));
}

/// What was seen comes back whole from a block of code, whatever fence stands in it.
#[test]
fn a_fence_in_what_was_seen_does_not_end_the_block() {
    let mut run = report("failures");
    for case in &mut run.cases {
        if let ackcheck_core::record::Ending::Fail(finding) = &mut case.ending {
            finding.seen = "```\n# a heading\n<script>alert(1)</script>\n~~~~\n````sh".to_owned();
        }
    }
    let markdown = plain(Format::Markdown, &run);
    let (headings, _) = structure(&markdown);
    assert_eq!(headings, structure(&plain(Format::Markdown, &report("failures"))).0);
    let text: String = Parser::new_ext(&markdown, Options::all())
        .filter_map(|event| if let Event::Text(text) = event { Some(text.to_string()) } else { None })
        .collect();
    assert!(text.contains("```\n# a heading\n<script>alert(1)</script>\n~~~~\n````sh\n"), "{text}");
}

#[test]
fn a_chat_gets_ten_lines() {
    for run in super::RUNS {
        let told = plain(Format::Short, &report(run));
        assert!(told.lines().count() <= 10, "{told}");
        assert!(told.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 241), "{told}");
    }
}
