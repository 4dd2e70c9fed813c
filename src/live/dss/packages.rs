//! Where packages come from, of the general settings: `codeEnvsSettings`.

use serde_json::Value;
use url::Url;

use super::settings::{Misshapen, list, text};
use ackcheck_core::seat::dss::PackageSources;
use ackcheck_core::secret::Scrubber;

/// Reads `codeEnvsSettings.pipInstallExtraOptions` and `cranMirrorURL`. A user and password in a URL are learnt and left out.
///
/// # Errors
/// Where the options are not the list that DSS writes.
pub(super) fn sources(general: &Value, scrubber: &Scrubber) -> Result<PackageSources, Misshapen> {
    let options = list(general, "/codeEnvsSettings/pipInstallExtraOptions")?;
    let options: Vec<String> = options.iter().filter_map(|option| text(Some(option))).collect();
    let words: Vec<&str> = options.iter().flat_map(|option| option.split_whitespace()).collect();
    let mut sources = PackageSources::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value)),
            // pip takes the value of a short option without a space too.
            _ if word.starts_with("-i") && word.len() > 2 => ("-i", word.get(2..)),
            _ => (word, None),
        };
        match option {
            "-i" | "--index-url" | "--pypi-url" => {
                sources.index = value.or_else(|| words.next()).map(|url| bare(url, scrubber));
            }
            "--extra-index-url" => sources.more.extend(value.or_else(|| words.next()).map(|url| bare(url, scrubber))),
            "--no-index" => sources.no_index = true,
            _ => {}
        }
    }
    let mirror = text(general.pointer("/codeEnvsSettings/cranMirrorURL"));
    sources.cran = mirror.map(|mirror| mirror.trim().to_owned()).filter(|mirror| !mirror.is_empty());
    sources.cran = sources.cran.map(|mirror| bare(&mirror, scrubber));
    Ok(sources)
}

/// A URL without its user and password.
fn bare(text: &str, scrubber: &Scrubber) -> String {
    let text = text.trim_matches(['"', '\'']);
    let Ok(mut url) = Url::parse(text) else { return scrubber.without_secrets(text) };
    if let Some(password) = url.password() {
        let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned();
        scrubber.secret(password.to_owned());
        scrubber.secret(decoded);
    }
    // An http or https URL always takes both.
    let _ = url.set_password(None);
    let _ = url.set_username("");
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[&str], cran: Option<&str>) -> PackageSources {
        let general = serde_json::json!({
            "codeEnvsSettings": { "pipInstallExtraOptions": options, "cranMirrorURL": cran }
        });
        sources(&general, &Scrubber::default()).unwrap()
    }

    #[test]
    fn options_are_read_as_pip_reads_them() {
        let index = |options: &[&str]| read(options, None).index;
        for options in [
            &["--index-url", "https://pypi.corp.example/simple"][..],
            &["--index-url=https://pypi.corp.example/simple"],
            &["--index-url https://pypi.corp.example/simple"],
            &["-i", "https://pypi.corp.example/simple"],
            &["-ihttps://pypi.corp.example/simple"],
            &["--trusted-host", "x", "-i https://dss:CANARY@pypi.corp.example/simple"],
        ] {
            assert_eq!(index(options).as_deref(), Some("https://pypi.corp.example/simple"), "{options:?}");
        }
        let more = read(&["--extra-index-url", "https://a.example/", "--extra-index-url=https://b.example/"], None);
        assert_eq!(more.more, ["https://a.example/", "https://b.example/"]);
        assert_eq!(more.index, None);
        assert!(read(&["--no-index"], None).no_index);
        assert_eq!(read(&[], Some(" https://cran.example/ ")).cran.as_deref(), Some("https://cran.example/"));
        assert_eq!(read(&[], Some("")), PackageSources::default());
        assert_eq!(sources(&serde_json::json!({}), &Scrubber::default()), Ok(PackageSources::default()));
        assert!(
            sources(&serde_json::json!({"codeEnvsSettings": {"pipInstallExtraOptions": 1}}), &Scrubber::default())
                .is_err()
        );
    }
}
