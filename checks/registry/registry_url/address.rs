//! What the text of a repository URL says.

/// A repository URL in the form DSS requires: `host/root`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    /// With its port, where it has one.
    pub host: &'a str,
    /// Without slashes at either end; can be empty for registries other than ACR.
    pub path: &'a str,
    /// If the host is one of ACR's.
    pub acr: Option<Acr<'a>>,
}

/// The parts of a host name of ACR: `<instance>-registry[-vpc].<region>.cr.aliyuncs.com` (Enterprise),
/// `registry[-intl][-vpc|-internal].<region>.aliyuncs.com` (Personal), `crpi-…[-vpc].<region>.personal.cr.aliyuncs.com`
/// (newer Personal), `registry.aliyuncs.com` (a public alias).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acr<'a> {
    /// The instance's name; only for Enterprise.
    pub instance: Option<&'a str>,
    /// None for the alias.
    pub region: Option<&'a str>,
    /// True for addresses within a VPC or the classic network.
    pub internal: bool,
}

/// Why DSS cannot use a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mistake {
    Malformed(String),
    /// It names an image: a tag, a digest or a base image of DSS. `without` is the URL without it.
    Image {
        without: String,
    },
}

/// Names of the images that DSS appends itself.
const IMAGES_OF_DSS: [&str; 3] = ["dku-exec-base", "dku-spark-base", "dku-apideployer"];

impl<'a> Address<'a> {
    /// Reads a URL strictly: whatever Docker would read differently is a mistake.
    pub(crate) fn parse(text: &'a str) -> Result<Address<'a>, Mistake> {
        let malformed = |why: &str| Err(Mistake::Malformed(why.to_owned()));
        if text.is_empty() {
            return malformed("it is empty");
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return malformed("it contains white space");
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return malformed(&format!("it starts with {scheme}://, which is not part of an image name"));
        }
        let (host, path) = text.split_once('/').unwrap_or((text, ""));
        if !host_is_valid(host) {
            return malformed(&format!("Docker does not recognize {host:?} as a registry host"));
        }
        if text.ends_with('/') || path.starts_with('/') || path.contains("//") {
            return malformed("it has an extra slash: DSS appends /image:tag");
        }
        if let Some(without) = without_image(host, path) {
            return Err(Mistake::Image { without });
        }
        if let Some(part) = path.split('/').find(|part| !path.is_empty() && !part_is_valid(part)) {
            return malformed(&format!(
                "{part:?} is not a valid namespace: use lower-case letters and digits, with ._- between them"
            ));
        }
        let acr = Acr::parse(host_of_tls(host));
        if acr.is_some() && path.is_empty() {
            return malformed("it does not name a namespace, and every repository of ACR is in one");
        }
        Ok(Address { host, path, acr })
    }
}

impl<'a> Acr<'a> {
    fn parse(host: &'a str) -> Option<Acr<'a>> {
        let mut labels: Vec<&str> = host.strip_suffix(".aliyuncs.com")?.split('.').collect();
        let of_cr = labels.last() == Some(&"cr");
        if of_cr {
            labels.pop();
        }
        let newer_personal = of_cr && labels.last() == Some(&"personal");
        if newer_personal {
            labels.pop();
        }
        labels.retain(|label| *label != "distributed");
        let (first, region) = match labels.as_slice() {
            ["registry"] if !of_cr => ("registry", None),
            [first, region] => (*first, Some(*region)),
            _ => return None,
        };
        let (name, internal) = match first.strip_suffix("-vpc").or_else(|| first.strip_suffix("-internal")) {
            Some(name) => (name, true),
            None => (first, false),
        };
        let instance = name.strip_suffix("-registry").filter(|_| of_cr && !newer_personal);
        let personal = !of_cr && matches!(name, "registry" | "registry-intl");
        let known = instance.is_some() || personal || newer_personal && name.starts_with("crpi-");
        known.then_some(Acr { instance, region, internal })
    }

    /// The address of this host within the VPC of a region.
    pub(crate) fn vpc_host(&self, host: &str, region: &str) -> String {
        let host = match self.region {
            Some(own) => host.replace(&format!(".{own}."), &format!(".{region}.")),
            None => format!("registry.{region}.aliyuncs.com"),
        };
        match host.split_once('.') {
            Some((first, rest)) if !self.internal => format!("{first}-vpc.{rest}"),
            _ => host,
        }
    }
}

/// Whether a host is an address of ACR within a VPC.
pub(crate) fn is_internal(host: &str) -> bool {
    Acr::parse(host_of_tls(host)).is_some_and(|acr| acr.internal)
}

/// The host without the port of TLS: with it and without it the same registry is meant.
pub(crate) fn host_of_tls(host: &str) -> &str {
    host.strip_suffix(":443").unwrap_or(host)
}

/// Docker reads the part before the first slash as a host only if it has a dot or a port, or is `localhost`.
fn host_is_valid(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    let port_is_valid = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port != 0));
    let label = |label: &str| {
        let inside = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        !label.is_empty() && inside && !label.starts_with('-') && !label.ends_with('-')
    };
    port_is_valid && name.split('.').all(label) && (name.contains('.') || port.is_some() || name == "localhost")
}

/// A part of a repository's name: alphanumeric, with `.`, `_`, `__` or dashes between.
fn part_is_valid(part: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(edge) && part.ends_with(edge) && part.chars().all(|c| edge(c) || "._-".contains(c))
}

/// The URL without the image, if its last part names one.
fn without_image(host: &str, path: &str) -> Option<String> {
    let (parents, last) = path.rsplit_once('/').unwrap_or(("", path));
    let image = last.contains([':', '@']) || IMAGES_OF_DSS.iter().any(|image| last.starts_with(image));
    image.then(|| format!("{host}/{parents}").trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acr(text: &str) -> Option<(Option<&str>, Option<&str>, bool)> {
        let acr = Address::parse(text).unwrap().acr?;
        Some((acr.instance, acr.region, acr.internal))
    }

    #[test]
    fn knows_the_host_names_of_acr_and_leaves_others_alone() {
        let hangzhou = Some("cn-hangzhou");
        for (text, expected) in [
            ("lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss", Some((Some("lab"), hangzhou, true))),
            ("my-lab-registry.cn-hangzhou.cr.aliyuncs.com/dss", Some((Some("my-lab"), hangzhou, false))),
            ("lab-registry.distributed.cn-hangzhou.cr.aliyuncs.com/dss", Some((Some("lab"), hangzhou, false))),
            ("registry.cn-hangzhou.aliyuncs.com/dss", Some((None, hangzhou, false))),
            ("registry-vpc.cn-hangzhou.aliyuncs.com/dss", Some((None, hangzhou, true))),
            ("registry-internal.cn-hangzhou.aliyuncs.com/dss", Some((None, hangzhou, true))),
            ("registry-intl-vpc.ap-southeast-1.aliyuncs.com/dss", Some((None, Some("ap-southeast-1"), true))),
            ("registry.cn-hangzhou.aliyuncs.com:443/dss", Some((None, hangzhou, false))),
            ("registry.cn-hangzhou.aliyuncs.com:5000/dss", None),
            ("registry.aliyuncs.com/dss", Some((None, None, false))),
            ("crpi-0123456789abcdef.cn-hangzhou.personal.cr.aliyuncs.com/dss", Some((None, hangzhou, false))),
            ("crpi-0123456789abcdef-vpc.cn-hangzhou.personal.cr.aliyuncs.com/dss", Some((None, hangzhou, true))),
            ("registry.example.com/dss", None),
            ("localhost:5000", None),
            ("10.0.0.9:5000/a/b", None),
            ("oss-cn-hangzhou.aliyuncs.com/dss", None),
        ] {
            assert_eq!(acr(text), expected, "{text}");
        }
    }

    #[test]
    fn names_the_address_within_the_vpc() {
        let vpc = |host| Acr::parse(host).unwrap().vpc_host(host, "cn-beijing");
        assert_eq!(vpc("lab-registry.cn-hangzhou.cr.aliyuncs.com"), "lab-registry-vpc.cn-beijing.cr.aliyuncs.com");
        assert_eq!(vpc("registry-vpc.cn-hangzhou.aliyuncs.com"), "registry-vpc.cn-beijing.aliyuncs.com");
        assert_eq!(vpc("registry.aliyuncs.com"), "registry-vpc.cn-beijing.aliyuncs.com");
    }

    #[test]
    fn refuses_what_docker_would_read_differently() {
        for text in [
            "",
            " ",
            "https://r.example.com/dss",
            "r.example.com/dss/",
            "r.example.com//dss",
            "/dss",
            "r.example.com/",
            "dss/images",
            "r.example.com/DSS",
            "r.example.com/d ss",
            "r.example.com\n/dss",
            "r.example.com:0/dss",
            "r.example.com:http/dss",
            "user@r.example.com/dss",
            "r.example.com/-dss",
            "-r.example.com/dss",
            "registry.cn-hangzhou.aliyuncs.com",
            "r..com/dss",
        ] {
            assert!(matches!(Address::parse(text), Err(Mistake::Malformed(_))), "{text:?}");
        }
        for text in
            ["r.example.com/dss/exec:1", "r.example.com/dss/exec@sha256:ab", "r.example.com/dss/dku-exec-base-x"]
        {
            let expected = Err(Mistake::Image { without: "r.example.com/dss".into() });
            assert_eq!(Address::parse(text), expected, "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}") {
            let _ = Address::parse(&text);
        }
    }
}
