//! An OSS endpoint as a setting holds it: its parts, and what of OSS it leads to.

/// Taken apart as the Java SDK under Hadoop does (`com.aliyun.oss`, 3.11.2: a scheme and a path are tolerated; the bucket
/// is put before the host of Alibaba's own domains only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `http` or `https`, where one is written.
    pub scheme: Option<String>,
    /// The host name or address, lower case.
    pub host: String,
    pub port: Option<u16>,
    /// What follows the host: empty, `/`, `/path`.
    pub path: String,
}

/// How a bucket is addressed at an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// `https://bucket.endpoint/key`.
    VirtualHost,
    /// `https://endpoint/bucket/key`: addresses and localhost only.
    Path,
    /// `https://endpoint/key`: a domain of the owner's, bound to the bucket.
    CustomDomain,
}

/// What an endpoint leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKind {
    /// Answers only inside Alibaba's network: `oss-cn-hangzhou-internal`, an accelerator, a `PrivateLink` endpoint.
    Internal,
    /// A region's public endpoint.
    Public,
    /// Transfer acceleration: public, and of no region.
    Acceleration,
    /// OSS-HDFS, which speaks another protocol.
    Hdfs,
    /// An address, a custom domain, another service.
    Other,
}

/// Alibaba's own domains, as the Java SDK knows them.
const ALIBABA: [&str; 3] = ["aliyuncs.com", "aliyun-inc.com", "aliyun.com"];

impl Endpoint {
    /// Takes an endpoint apart; the error says what is wrong with its text. Around it Hadoop drops what Java's `trim`
    /// does, and keeps a non-breaking space.
    pub fn parse(text: &str) -> Result<Endpoint, String> {
        let text = text.trim_matches(|c: char| c <= ' ');
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        if let Some(other) = scheme.as_deref().filter(|scheme| *scheme != "http" && *scheme != "https") {
            return Err(format!("the scheme {other}:// is neither http nor https"));
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => {
                let number = port.parse::<u16>().map_err(|_| format!("`{port}` is not a port"))?;
                (host, Some(number))
            }
            None => (authority, None),
        };
        if host.is_empty() {
            return Err("it does not name a host".to_owned());
        }
        if let Some(odd) = host.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))) {
            return Err(format!("a host name cannot contain {odd:?}"));
        }
        Ok(Endpoint { scheme, host: host.to_ascii_lowercase(), port, path: path.to_owned() })
    }

    /// How a bucket is addressed here.
    pub fn addressing(&self) -> Addressing {
        if self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok() {
            Addressing::Path
        } else if ALIBABA.iter().any(|domain| self.host.ends_with(domain)) {
            Addressing::VirtualHost
        } else {
            Addressing::CustomDomain
        }
    }

    /// The host's labels before `.aliyuncs.com`, where it is Alibaba's: `oss-cn-hangzhou-internal`.
    fn service(&self) -> Option<&str> {
        self.host.strip_suffix(".aliyuncs.com")
    }

    /// What it leads to.
    pub fn kind(&self) -> EndpointKind {
        let Some(service) = self.service() else { return EndpointKind::Other };
        if service == "oss-dls" || service.ends_with(".oss-dls") {
            EndpointKind::Hdfs
        } else if service == "oss-accelerate" || service == "oss-accelerate-overseas" {
            EndpointKind::Acceleration
        } else if accelerator(service).is_some()
            || private_link(service).is_some()
            || service.trim_end_matches(".oss").ends_with("-internal")
        {
            EndpointKind::Internal
        } else if self.region().is_some() {
            EndpointKind::Public
        } else {
            EndpointKind::Other
        }
    }

    /// The region an OSS endpoint is of: `cn-hangzhou`. None for acceleration endpoints and other hosts.
    pub fn region(&self) -> Option<&str> {
        let service = self.service()?;
        let region = match service {
            "oss" | "oss-internal" => "cn-hangzhou",
            _ => match (accelerator(service), private_link(service), service.strip_suffix(".oss")) {
                (Some(region), _, _) | (None, Some(region), _) => region,
                (None, None, Some(region)) => region.strip_suffix("-internal").unwrap_or(region),
                (None, None, None) => {
                    let region = service.strip_prefix("oss-")?;
                    region.strip_suffix("-internal").unwrap_or(region)
                }
            },
        };
        let region_like = !region.is_empty() && !region.starts_with("accelerate") && !region.contains('.');
        (region_like && region != "dls").then_some(region)
    }
}

/// The region of an OSS accelerator, a cache in one zone: `oss-cache-cn-beijing-h`, `oss-cn-beijing-cache`, and the older
/// `cn-hangzhou-j-internal.oss-data-acc`.
fn accelerator(service: &str) -> Option<&str> {
    let zone = match (service.strip_suffix(".oss-data-acc"), service.strip_prefix("oss-cache-")) {
        (Some(zone), _) => zone.strip_suffix("-internal").unwrap_or(zone),
        (None, Some(zone)) => zone,
        (None, None) => service.strip_suffix("-cache")?.strip_prefix("oss-")?,
    };
    match zone.rsplit_once('-') {
        Some((region, letter)) if letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_lowercase()) => Some(region),
        _ => Some(zone),
    }
}

/// The region of a `PrivateLink` endpoint: `ep-bp1….oss.cn-hangzhou.privatelink`.
fn private_link(service: &str) -> Option<&str> {
    let (_, region) = service.strip_suffix(".privatelink")?.rsplit_once(".oss.")?;
    (!region.contains('.')).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_endpoints_apart() {
        let of = |text: &str| Endpoint::parse(text).unwrap();
        let public = of("https://OSS-ap-southeast-1.aliyuncs.com/");
        assert_eq!((public.scheme.as_deref(), public.path.as_str()), (Some("https"), "/"));
        assert_eq!(of("oss-cn-hangzhou-internal.aliyuncs.com").addressing(), Addressing::VirtualHost);
        assert_eq!(of("data.example.com").addressing(), Addressing::CustomDomain);
        assert_eq!(of("127.0.0.1:8080").addressing(), Addressing::Path);
        assert_eq!(of("127.0.0.1:8080").port, Some(8080));
        assert_eq!(of(" \toss-cn-hangzhou.aliyuncs.com\n").host, "oss-cn-hangzhou.aliyuncs.com");
        let bad =
            ["", "https://", "ftp://x", "oss cn.aliyuncs.com", "host:port", "host:99999", "oss.aliyuncs.com\u{a0}"];
        for bad in bad {
            assert!(Endpoint::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn knows_what_each_endpoint_leads_to() {
        use EndpointKind::{Acceleration, Hdfs, Internal, Other, Public};
        for (host, kind, region) in [
            ("oss-cn-hangzhou-internal.aliyuncs.com", Internal, Some("cn-hangzhou")),
            ("cn-shanghai-internal.oss.aliyuncs.com", Internal, Some("cn-shanghai")),
            ("oss-internal.aliyuncs.com", Internal, Some("cn-hangzhou")),
            ("oss-cache-cn-beijing-h.aliyuncs.com", Internal, Some("cn-beijing")),
            ("oss-cache-ap-southeast-1-b.aliyuncs.com", Internal, Some("ap-southeast-1")),
            ("oss-cn-beijing-cache.aliyuncs.com", Internal, Some("cn-beijing")),
            ("cn-hangzhou-j-internal.oss-data-acc.aliyuncs.com", Internal, Some("cn-hangzhou")),
            ("ep-bp1abc.oss.cn-hangzhou.privatelink.aliyuncs.com", Internal, Some("cn-hangzhou")),
            ("oss-ap-southeast-1.aliyuncs.com", Public, Some("ap-southeast-1")),
            ("cn-shanghai.oss.aliyuncs.com", Public, Some("cn-shanghai")),
            ("oss.aliyuncs.com", Public, Some("cn-hangzhou")),
            ("oss-accelerate.aliyuncs.com", Acceleration, None),
            ("oss-accelerate-overseas.aliyuncs.com", Acceleration, None),
            ("cn-hangzhou.oss-dls.aliyuncs.com", Hdfs, None),
            ("bucket.oss-cn-hangzhou.aliyuncs.com", Other, None),
            ("oss.console.aliyun.com", Other, None),
            ("oss.example.com", Other, None),
            ("100.118.28.52", Other, None),
        ] {
            let endpoint = Endpoint::parse(host).unwrap();
            assert_eq!((endpoint.kind(), endpoint.region()), (kind, region), "{host}");
        }
    }
}
