//! The bytes of a script as bash sees them, in a text that the parser takes.
//!
//! To bash a letter beyond ASCII is no blank and part of no name, whatever the encoding; neither is a carriage return. Each
//! such byte becomes a character that means nothing to the parser, and is put back where a value is told.

/// Where the characters for bytes start: private use, so that none of them is a letter, a digit or a blank.
const FIRST: u32 = 0xF0000;
/// More of these, and bash takes the file for a program and reads none of it.
const MOST_NULS: usize = 256;

/// The text that bash makes of a script's bytes; none where it takes them for a program.
///
/// It drops NUL bytes, but goes on behind the byte that moved up: the second of two in a row stays, and ends the text
/// (`_evalfile` of bash 5.2).
pub(super) fn script(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let (mut dropped, mut ended, mut moved_up) = (0, false, false);
    for byte in bytes {
        moved_up = match byte {
            0 if !moved_up => {
                dropped += 1;
                true
            }
            0 => {
                ended = true;
                false
            }
            other => {
                if !ended {
                    text.push(character(*other));
                }
                false
            }
        };
    }
    (dropped <= MOST_NULS).then_some(text)
}

/// A text from elsewhere, as the text of a script has it.
pub(super) fn covered(text: &str) -> String {
    text.bytes().map(character).collect()
}

fn character(byte: u8) -> char {
    match byte {
        b'\n' | b'\t' | b' '..=b'~' => char::from(byte),
        other => char::from_u32(FIRST + u32::from(other)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// The text that people wrote. What is not UTF-8 in it is told as such.
pub(super) fn told(text: &str) -> String {
    let mut bytes = Vec::new();
    for c in text.chars() {
        match u32::from(c).checked_sub(FIRST).map(u8::try_from) {
            Some(Ok(byte)) => bytes.push(byte),
            // A character of a message.
            _ => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for text in ["export A=b\n", "\u{feff}export", "a\r\n", "caf\u{e9}\u{a0}\u{7f}"] {
            assert_eq!(told(&script(text.as_bytes()).unwrap()), text);
            assert_eq!(covered(text), script(text.as_bytes()).unwrap());
        }
        assert_eq!(told(&script(b"caf\xe9").unwrap()), "caf\u{fffd}");
        assert_eq!(told("$(hostname …)"), "$(hostname …)");
        assert_eq!(script(b"a\0b").as_deref(), Some("ab"));
        assert_eq!(script(b"a\0b\0c\0\0d").as_deref(), Some("abc"));
        assert_eq!(script(&[0; 2 * MOST_NULS]).as_deref(), Some(""));
        assert_eq!(script(&[0; 2 * MOST_NULS + 1]), None);
    }
}
