//! Whether the OSS SDK takes an endpoint: `OSSClient.setEndpoint` of `com.aliyun.oss`, 3.4.1 to 3.18.1.

use crate::java;

/// Says why the SDK refuses a text, trimmed as Hadoop trims it, before it sends anything.
///
/// # Errors
/// Where `java.net.URI` finds no host in it, or the host has a sign that the SDK does not allow.
pub fn accepted(text: &str) -> Result<(), String> {
    if let Some(unseen) = java::unseen(text) {
        return Err(format!(
            "it holds the invisible character U+{:04X}, which Hadoop does not trim",
            u32::from(unseen)
        ));
    }
    if let Some(odd) = text.chars().find(|c| *c <= ' ' || "\"<>\\^`{|}".contains(*c)) {
        return Err(format!("it cannot contain {odd:?}"));
    }
    let escaped =
        |at: usize| text.get(at + 1..at + 3).is_some_and(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if text.match_indices('%').any(|(at, _)| !escaped(at)) {
        return Err("it has a % that two hexadecimal digits do not follow".to_owned());
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => rest,
        Some((scheme, _)) => return Err(format!("`{scheme}` is not a scheme")),
        None => text,
    };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some((_, port)) => return Err(format!("`{port}` is not a port")),
        None => host,
    };
    if host.is_empty() {
        return Err("it does not name a host".to_owned());
    }
    host_name(host)
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// The host names of `java.net.URI` (RFC 2396): no underscore, no hyphen at the end of a label, and a last label of
/// several that starts with a letter, unless the whole is an IPv4 address.
fn host_name(host: &str) -> Result<(), String> {
    if let Some(odd) = host.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))) {
        return Err(format!("a host name cannot contain {odd:?}"));
    }
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return Ok(());
    }
    let labels: Vec<&str> = host.strip_suffix('.').unwrap_or(host).split('.').collect();
    if labels.iter().any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-')) {
        return Err("a part of the host name is empty, or starts or ends with a hyphen".to_owned());
    }
    match labels.last() {
        Some(last) if labels.len() > 1 && !last.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Err(format!("the last part of a host name cannot start as `{last}` does"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::accepted;

    #[test]
    fn takes_what_java_takes() {
        for fine in [
            "oss-cn-hangzhou-internal.aliyuncs.com",
            "https://oss-cn-hangzhou.aliyuncs.com/",
            "oss-cn-hangzhou.aliyuncs.com:443",
            "10.0.0.1",
            "localhost",
            "cn-hangzhou",
            "https://oss.console.aliyun.com/bucket/x",
        ] {
            assert_eq!(accepted(fine), Ok(()), "{fine}");
        }
        for other in [
            "oss-cn-hangzhou-internal.aliyuncs.com\u{a0}",
            "oss cn hangzhou",
            "OSS_ENDPOINT_DOMAIN_NAME",
            "https://",
            "a..b",
            "-a.example",
            "a.example:port",
            "[::1]",
            "a.1b",
            "<endpoint>",
        ] {
            assert!(accepted(other).is_err(), "{other}");
        }
    }
}
