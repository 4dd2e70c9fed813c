//! Calico's language of selectors, by <https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selector>:
//! `app == 'web' && !has(test) || tier in {'a', 'b'}`.

use super::labels::Label;
use ackcheck_core::seat::host::firewall::Holds;

/// The most brackets and negations within each other that are followed.
const DEEPEST: u32 = 64;
/// The label that only what is in a namespace has.
pub(super) const NAMESPACE: &str = "projectcalico.org/namespace";

/// Whether a selector holds of these labels. An empty one selects everything; one that is not understood may or may not.
pub(super) fn holds<'a>(text: &str, label: &dyn Fn(&str) -> Label<'a>) -> Holds {
    let Some(tokens) = tokens(text) else { return Holds::Perhaps };
    if tokens.is_empty() {
        return Holds::Yes;
    }
    let mut reader = Reader { tokens: &tokens, at: 0, label };
    let holds = reader.any(0);
    holds.filter(|_| reader.at == tokens.len()).unwrap_or(Holds::Perhaps)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token<'t> {
    /// A label, or a word of the language.
    Word(&'t str),
    /// What stood in quotes.
    Text(&'t str),
    Sign(&'static str),
}

const SIGNS: [&str; 10] = ["==", "!=", "&&", "||", "!", "(", ")", "{", "}", ","];

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            (Token::Sign(sign), &rest[sign.len()..])
        } else if first == '\'' || first == '"' {
            let (text, after) = rest[1..].split_once(first)?;
            (Token::Text(text), after)
        } else {
            let of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
            let end = rest.find(|c| !of_word(c)).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            (Token::Word(&rest[..end]), &rest[end..])
        };
        all.push(token);
        rest = after.trim_start();
    }
    Some(all)
}

struct Reader<'r, 't, 'a> {
    tokens: &'r [Token<'t>],
    at: usize,
    label: &'r dyn Fn(&str) -> Label<'a>,
}

impl<'t> Reader<'_, 't, '_> {
    fn next(&mut self) -> Option<Token<'t>> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, token: &Token<'_>) -> bool {
        let there = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(there);
        there
    }

    fn sign(&mut self, sign: &'static str) -> Option<()> {
        self.takes(&Token::Sign(sign)).then_some(())
    }

    fn any(&mut self, depth: u32) -> Option<Holds> {
        let mut holds = self.all(depth)?;
        while self.takes(&Token::Sign("||")) {
            holds = holds.or(self.all(depth)?);
        }
        Some(holds)
    }

    fn all(&mut self, depth: u32) -> Option<Holds> {
        let mut holds = self.one(depth)?;
        while self.takes(&Token::Sign("&&")) {
            holds = holds.and(self.one(depth)?);
        }
        Some(holds)
    }

    fn one(&mut self, depth: u32) -> Option<Holds> {
        if depth > DEEPEST {
            return None;
        }
        match self.next()? {
            Token::Sign("!") => Some(self.one(depth + 1)?.negated(true)),
            Token::Sign("(") => {
                let holds = self.any(depth + 1)?;
                self.sign(")")?;
                Some(holds)
            }
            Token::Word(word) if self.takes(&Token::Sign("(")) => self.called(word),
            Token::Word(label) => self.compared((self.label)(label)),
            _ => None,
        }
    }

    /// `all()`, `global()`, `has(label)`; its first bracket is read.
    fn called(&mut self, word: &str) -> Option<Holds> {
        let holds = match word {
            "all" => Holds::Yes,
            "global" => (self.label)(NAMESPACE).holds(|_| true).negated(true),
            "has" => match self.next()? {
                Token::Word(label) => (self.label)(label).holds(|_| true),
                _ => return None,
            },
            _ => return None,
        };
        self.sign(")")?;
        Some(holds)
    }

    fn compared(&mut self, label: Label<'_>) -> Option<Holds> {
        match self.next()? {
            Token::Sign("==") => self.text().map(|text| label.holds(|is| is == text)),
            Token::Sign("!=") => self.text().map(|text| label.holds(|is| is == text).negated(true)),
            Token::Word("contains") => self.text().map(|text| label.holds(|is| is.contains(text))),
            Token::Word("starts") if self.takes(&Token::Word("with")) => {
                self.text().map(|text| label.holds(|is| is.starts_with(text)))
            }
            Token::Word("ends") if self.takes(&Token::Word("with")) => {
                self.text().map(|text| label.holds(|is| is.ends_with(text)))
            }
            Token::Word("in") => self.texts().map(|texts| label.holds(|is| texts.contains(&is))),
            Token::Word("not") if self.takes(&Token::Word("in")) => {
                self.texts().map(|texts| label.holds(|is| texts.contains(&is)).negated(true))
            }
            _ => None,
        }
    }

    fn text(&mut self) -> Option<&'t str> {
        match self.next()? {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    /// `{'a', 'b'}`.
    fn texts(&mut self) -> Option<Vec<&'t str>> {
        self.sign("{")?;
        let mut texts = Vec::new();
        while !self.takes(&Token::Sign("}")) {
            texts.push(self.text()?);
            if !self.takes(&Token::Sign(",")) {
                self.sign("}")?;
                break;
            }
        }
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(key: &str) -> Label<'static> {
        match key {
            "app" => Label::Is("web-1"),
            "a.b/c-d_e" => Label::Is(""),
            NAMESPACE => Label::Is("dss"),
            "pcns.team" => Label::Unknown,
            _ => Label::Absent,
        }
    }

    #[test]
    fn selectors_hold_as_their_language_says() {
        let table = [
            ("", Holds::Yes),
            (" all() ", Holds::Yes),
            ("!all()", Holds::No),
            ("global()", Holds::No),
            ("has(app)", Holds::Yes),
            ("has(none)", Holds::No),
            ("!has(none)", Holds::Yes),
            ("app == 'web-1'", Holds::Yes),
            ("app==\"web-1\"&&a.b/c-d_e==''", Holds::Yes),
            ("app != 'web-1'", Holds::No),
            ("none != 'x'", Holds::Yes),
            ("none == 'x'", Holds::No),
            ("app in {'x', 'web-1'}", Holds::Yes),
            ("app in { }", Holds::No),
            ("app not in {'x','web-1'}", Holds::No),
            ("none not in {'x'}", Holds::Yes),
            ("app contains 'eb'", Holds::Yes),
            ("app starts with 'web'", Holds::Yes),
            ("app ends with '2'", Holds::No),
            ("has(none) || has(app) && !(app == 'x')", Holds::Yes),
            ("has(app) || has(none) && has(none)", Holds::Yes),
            ("(has(app) || has(none)) && has(none)", Holds::No),
            ("!!has(app)", Holds::Yes),
            ("pcns.team == 'x'", Holds::Perhaps),
            ("pcns.team == 'x' && has(none)", Holds::No),
            ("pcns.team == 'x' || has(app)", Holds::Yes),
            ("!(pcns.team != 'x')", Holds::Perhaps),
        ];
        for (text, expected) in table {
            assert_eq!(holds(text, &label), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_of_the_language_decides_nothing() {
        let deep = "!".repeat(5_000) + "all()";
        for text in
            ["app", "app ==", "app == x", "app ~ 'x'", "(all()", "all())", "app like 'x'", "'x", "é", "in {'a'}", "f()"]
        {
            assert_eq!(holds(text, &label), Holds::Perhaps, "{text}");
        }
        assert_eq!(holds(&deep, &label), Holds::Perhaps);
    }
}
