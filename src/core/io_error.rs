//! What the operating system refuses, in words: `std` ends its own with a number that says nothing to a reader.

/// The error as the operating system words it, without its number: `connection reset by peer`.
pub fn in_words(error: &std::io::Error) -> String {
    let said = error.to_string();
    let Some(code) = error.raw_os_error() else { return said };
    let words = said.strip_suffix(&format!(" (os error {code})")).unwrap_or(&said);
    let mut letters = words.chars();
    // It stands in the middle of a sentence, where only an abbreviation begins with a capital.
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[test]
    fn the_number_goes_and_the_sentence_stays() {
        assert_eq!(in_words(&Error::from_raw_os_error(2)), "no such file or directory");
        assert_eq!(in_words(&Error::from_raw_os_error(5)), "input/output error");
        assert_eq!(in_words(&Error::other("Said by a library (os error 7)")), "Said by a library (os error 7)");
    }
}
