//! Which keys, variables and parameters hold secrets, by the words that their names are made of.

/// Words that a secret's name is made of, wherever they stand in it.
const SECRET_WORDS: [&str; 9] =
    ["secret", "password", "passwd", "passphrase", "pwd", "token", "sas", "signature", "jwt"];
/// Two words that name a secret together.
const SECRET_PAIRS: [(&str, &str); 11] = [
    ("access", "key"),
    ("access", "signature"),
    ("account", "key"),
    ("api", "key"),
    ("client", "key"),
    ("connection", "string"),
    ("encryption", "key"),
    ("master", "key"),
    ("private", "key"),
    ("shared", "key"),
    ("storage", "key"),
];
/// Words that end the names of secrets.
const SECRET_ENDS: [&str; 4] = ["sig", "pw", "pass", "credentials"];
/// Words that end the names of what is about a secret and is not one: `secretName`, `accessKeyId`, `token.file`.
const HARMLESS_ENDS: [&str; 24] = [
    "algorithm",
    "alias",
    "class",
    "enabled",
    "endpoint",
    "expiration",
    "file",
    "id",
    "ids",
    "impl",
    "in",
    "ip",
    "mode",
    "name",
    "names",
    "namespace",
    "path",
    "provider",
    "providers",
    "service",
    "ttl",
    "type",
    "uri",
    "url",
];

/// True if a key, variable or parameter of this name holds a secret.
pub fn names_a_secret(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last() else { return false };
    if HARMLESS_ENDS.contains(&last.as_str()) {
        return false;
    }
    let secret_word = words
        .iter()
        .any(|word| SECRET_WORDS.iter().any(|known| word == known || (known.len() > 4 && word.ends_with(known))));
    let pair = words.windows(2).any(|pair| SECRET_PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())));
    // `fs.azure.account.key.NAME.blob.core.windows.net` has it in the middle, and `fs.s3a.encryption.key` at its end.
    let dotted_key = name.contains(".key.") || name.ends_with(".key");
    secret_word || pair || dotted_key || SECRET_ENDS.contains(&last.as_str())
}

/// True if a key of this name holds the id of an access key.
pub(super) fn names_an_id(name: &str) -> bool {
    let words = words(name);
    let end = words.iter().rev().map(String::as_str).take(2).collect::<Vec<_>>();
    matches!(end.as_slice(), ["id", "key"]) || (end.first() == Some(&"id") && name.to_ascii_lowercase().contains("key"))
}

/// The words of a name in lower case: parted by signs, and by the capitals of camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let starts = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if starts || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}
