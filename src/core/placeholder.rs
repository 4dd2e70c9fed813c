//! What documents write where a value of the reader's own belongs: `my.host.name`, `YOUR_ACCESS_KEY_ID`,
//! `xxx.xxx.xxx.xxx`. Copied as it stands, it works nowhere. Checks ask this wherever they judge a value.

/// Whole values that the HOWTO and the documentation of DSS and of Alibaba Cloud print, in lower case.
const WHOLE: [&str; 9] = [
    // HOWTO 2.1.
    "my.host.name",
    // Common forms of the same.
    "your.host.name",
    "my-host-name",
    "your-host-name",
    "hostname.domain",
    "host.domain.tld",
    "fqdn",
    "changeme",
    "todo",
];

/// Words that make a word in capitals a placeholder: `IP_OF_YOUR_K8S_CLUSTER`, `OSS_ENDPOINT_DOMAIN_NAME`, `ENDPOINT_HERE`.
const TELLTALE: [&str; 8] = ["YOUR", "MY", "DOMAIN", "ENDPOINT", "HOSTNAME", "REPLACE", "CHANGE", "HERE"];

/// Nouns that documents write in capitals as a part of a name: `oss-REGION-internal.aliyuncs.com`, `BUCKET.oss-…`.
const NOUNS: [&str; 12] = [
    "REGION",
    "REGIONID",
    "BUCKET",
    "BUCKETNAME",
    "ENDPOINT",
    "HOSTNAME",
    "INSTANCE",
    "NAMESPACE",
    "REPOSITORY",
    "ACCOUNT",
    "USERNAME",
    "CLUSTER",
];

/// The part of `text` that a document has in place of a value; none where `text` is a value.
///
/// Deliberately narrow, so that no name a person would choose is taken for one: words in capitals need two parts and a
/// telltale, `x` needs a label of three or more of them or a whole address, and words in `<…>` must be words.
pub fn found_in(text: &str) -> Option<&str> {
    let text = text.trim();
    if WHOLE.contains(&text.to_ascii_lowercase().as_str()) {
        return Some(text);
    }
    bracketed(text)
        .or_else(|| words(text).find(|word| in_capitals(word)))
        .or_else(|| noun_in_capitals(text))
        .or_else(|| labels_of_x(text).then_some(text))
        .or_else(|| {
            ["your-", "your_"].iter().any(|start| words(text).any(|word| word.starts_with(start))).then_some(text)
        })
}

/// `<region>`, `<your bucket>`; not `a<b`.
fn bracketed(text: &str) -> Option<&str> {
    let start = text.find('<')?;
    let end = start + text[start..].find('>')?;
    let inner = &text[start + 1..end];
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.');
    (!inner.is_empty() && inner.chars().all(plain)).then(|| &text[start..=end])
}

/// The parts of a URL, a list or a host name.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).filter(|word| !word.is_empty())
}

fn in_capitals(word: &str) -> bool {
    let parts: Vec<&str> = word.split('_').collect();
    let capital = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    parts.len() > 1 && parts.iter().all(capital) && parts.iter().any(|part| TELLTALE.contains(part))
}

/// One of the nouns among parts in lower case; not a variable's name (`oss-${REGION}.aliyuncs.com`).
fn noun_in_capitals(text: &str) -> Option<&str> {
    if text.contains('$') || !text.contains(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    text.split(|c: char| !c.is_ascii_alphanumeric()).find(|part| NOUNS.contains(part))
}

/// `xxx.xxx.xxx.xxx`, `x.x.x.x`, `oss-cn-xxxxx.aliyuncs.com`, `LTAIxxxxxxxx`; not `xx1.example` or `maxxx`.
fn labels_of_x(text: &str) -> bool {
    let all_x = |label: &str, least: usize| label.len() >= least && label.bytes().all(|b| matches!(b, b'x' | b'X'));
    let labels: Vec<&str> = text.split('.').collect();
    let address = labels.len() == 4 && labels.iter().all(|label| all_x(label, 1));
    let mut parts = text.split(|c: char| !c.is_ascii_alphanumeric());
    address
        || parts.any(|part| all_x(part, 3))
        || ["LTAI", "STS"]
            .iter()
            .any(|start| text.strip_prefix(start).is_some_and(|rest| all_x(rest.trim_start_matches('.'), 3)))
}

#[cfg(test)]
mod tests {
    use super::found_in;

    #[test]
    fn what_documents_print_is_found() {
        let printed = [
            "my.host.name",
            "My.Host.Name",
            "xxx.xxx.xxx.xxx",
            "x.x.x.x",
            "YOUR_ACCESS_KEY_ID",
            "OSS_ENDPOINT_DOMAIN_NAME",
            "IP_OF_YOUR_K8S_CLUSTER",
            "oss://YOUR_OSS_BUCKET_NAME/path",
            "oss://$YOUR_OSS_BUCKET_NAME/$PATH_WITHIN_THE_BUCKET",
            "<your-bucket>.oss-cn-hangzhou.aliyuncs.com",
            "oss-cn-xxx.aliyuncs.com",
            "LTAIxxxxxxxxxxxx",
            "your-registry.example.com/dss",
            "CHANGE_ME",
            "https://IP_OF_YOUR_K8S_CLUSTER:6443",
            "oss-REGION-internal.aliyuncs.com",
            "INSTANCE-registry-vpc.REGION.cr.aliyuncs.com/NAMESPACE",
            "oss://BUCKET/dss",
        ];
        for text in printed {
            assert!(found_in(text).is_some(), "{text}");
        }
    }

    #[test]
    fn values_are_not() {
        let values = [
            "",
            "dss.corp.example",
            "10.0.1.5",
            "oss-cn-hangzhou-internal.aliyuncs.com",
            "LTAI5tFieldCaseKey00001",
            "xx1.example",
            "foxxx.example",
            "ACME_PROD",
            "my-dss.corp",
            "oss://acme-dss/dss/managed",
            "a<b",
            "MYHOST",
            "host_name",
            "oss-${REGION}-internal.aliyuncs.com",
            "OSS-CN-HANGZHOU.ALIYUNCS.COM",
            "CLUSTER",
            "dss.regional.example",
        ];
        for text in values {
            assert_eq!(found_in(text), None, "{text}");
        }
    }
}
