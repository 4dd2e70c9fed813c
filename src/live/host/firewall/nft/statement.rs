//! The statements of a rule. A verdict map is taken apart into a rule for each of its elements.

use ackcheck_core::seat::host::firewall::{Action, Condition, Rule};
use serde_json::Value;

use super::Table;
use super::expression::{self, Asked};
use crate::host::firewall::nft::text_of;

/// The rules that stand for one of nft.
pub(super) fn rules(rule: &Value, table: Table<'_>) -> Vec<Rule> {
    let handle = rule.get("handle").and_then(Value::as_u64).unwrap_or_default();
    let mut reading = Reading { words: vec![format!("handle {handle}:")], conditions: Vec::new() };
    for statement in rule.get("expr").and_then(Value::as_array).into_iter().flatten() {
        let Some((kind, inner)) = statement.as_object().and_then(|statement| statement.iter().next()) else {
            reading.conditions.push(Condition::Perhaps);
            continue;
        };
        if kind == "vmap" {
            return reading.map(inner, table);
        }
        match step(kind, inner, table) {
            Step::Condition(asked) => reading.ask(asked),
            Step::Nothing => {}
            Step::Verdict(action, words) => return vec![reading.ends(action, &words)],
        }
    }
    vec![reading.ends(Action::Continue, "")]
}

enum Step {
    Condition(Asked),
    /// It counts, logs or marks.
    Nothing,
    Verdict(Action, String),
}

fn step(kind: &str, inner: &Value, table: Table<'_>) -> Step {
    if let Some(action) = verdict(kind, inner) {
        let target = text_of(inner, "target");
        let words = if target.is_empty() { kind.to_owned() } else { format!("{kind} {target}") };
        return Step::Verdict(action, words);
    }
    match kind {
        "match" => Step::Condition(expression::asked(inner, table)),
        "counter" | "log" | "mangle" | "notrack" | "set" | "map" | "ct helper" | "ct timeout" | "flow" | "secmark" => {
            Step::Nothing
        }
        "dnat" | "redirect" | "tproxy" => Step::Verdict(Action::Divert, kind.to_owned()),
        "queue" | "fwd" | "synproxy" => Step::Verdict(Action::Unknown, kind.to_owned()),
        // An extension of iptables: a target decides, and is not told.
        "xt" if text_of(inner, "type") == "target" => {
            Step::Verdict(Action::Unknown, format!("xt target {}", text_of(inner, "name")))
        }
        other => Step::Condition(Asked { words: other.to_owned(), condition: Some(Condition::Perhaps) }),
    }
}

fn verdict(kind: &str, inner: &Value) -> Option<Action> {
    let target = || text_of(inner, "target").to_owned();
    Some(match kind {
        "accept" => Action::Accept,
        "drop" => Action::Drop,
        "reject" => Action::Reject,
        "return" => Action::Return,
        "continue" => Action::Continue,
        "jump" => Action::Jump(target()),
        "goto" => Action::Goto(target()),
        _ => return None,
    })
}

struct Reading {
    words: Vec<String>,
    conditions: Vec<Condition>,
}

impl Reading {
    fn ask(&mut self, asked: Asked) {
        self.words.push(asked.words);
        self.conditions.extend(asked.condition);
    }

    fn ends(&self, action: Action, words: &str) -> Rule {
        let all = self.words.iter().map(String::as_str).chain([words]).filter(|word| !word.is_empty());
        Rule { words: all.collect::<Vec<_>>().join(" "), conditions: self.conditions.clone(), action }
    }

    /// No two elements of a map are for the same packet, so that their order does not count; a default is asked last.
    fn map(&self, vmap: &Value, table: Table<'_>) -> Vec<Rule> {
        let elements = vmap.get("key").zip(vmap.get("data").and_then(|data| table.elements(data)));
        let Some((key, elements)) = elements else { return vec![self.ends(Action::Unknown, "a map that changes")] };
        let mut rules = Vec::new();
        for element in elements {
            let pair = element.as_array().filter(|pair| pair.len() == 2);
            let verdict = pair.and_then(|pair| {
                let (kind, inner) = pair[1].as_object()?.iter().next()?;
                Some((&pair[0], verdict(kind, inner)?, format!("{kind} {}", text_of(inner, "target"))))
            });
            let Some((value, action, words)) = verdict else {
                rules.push(self.ends(Action::Unknown, "an element of a map that is not known"));
                continue;
            };
            let asked = expression::equals(key, value, table);
            let mut one = Reading { words: self.words.clone(), conditions: self.conditions.clone() };
            one.ask(asked);
            rules.push(one.ends(action, words.trim_end()));
        }
        rules
    }
}
