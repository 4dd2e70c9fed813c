//! What stands at a place in a row of tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

pub(super) fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at)? {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

pub(super) fn sign(tokens: &[TokenTree], at: usize) -> Option<char> {
    match tokens.get(at)? {
        TokenTree::Punct(sign) => Some(sign.as_char()),
        _ => None,
    }
}

pub(super) fn group(tokens: &[TokenTree], at: usize) -> Option<TokenStream> {
    match tokens.get(at)? {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    }
}

/// What stands in an attribute's brackets, of an item (`#[…]`) or of all (`#![…]`), without blanks.
pub(super) fn attribute(tokens: &[TokenTree]) -> String {
    let within = group(tokens, 1).or_else(|| group(tokens, 2));
    within.map(|within| within.to_string().replace(' ', "")).unwrap_or_default()
}

/// The words at the beginning that `::` joins.
pub(super) fn path(tokens: &[TokenTree]) -> Vec<String> {
    let joined = |at: usize| sign(tokens, at) == Some(':') && sign(tokens, at + 1) == Some(':');
    let mut path: Vec<String> = word(tokens, 0).into_iter().collect();
    while !path.is_empty() && joined(3 * path.len() - 2) {
        let Some(next) = word(tokens, 3 * path.len()) else { break };
        path.push(next);
    }
    path
}

/// How many tokens there are to the end of an item: `;` or braces.
pub(super) fn item(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        _ => false,
    };
    tokens.iter().position(ends).map_or(tokens.len(), |end| end + 1)
}

/// What follows the generics of an `impl`.
pub(super) fn without_generics(tokens: &[TokenTree]) -> &[TokenTree] {
    let mut depth = 0_usize;
    for at in 0..tokens.len() {
        match sign(tokens, at) {
            Some('<') => depth += 1,
            // Not the head of an arrow.
            Some('>') if at == 0 || sign(tokens, at - 1) != Some('-') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return if at == 0 { tokens } else { &tokens[at + 1..] };
        }
    }
    tokens
}
