//! A pull that failed, and what the words of kubelets and container runtimes about it mean: they have no codes.

use jiff::SignedDuration;

mod asked;

pub use asked::{Asked, without_signed_queries};

/// An image that did not come to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullFailure {
    /// The container whose image it is.
    pub container: String,
    /// The image as the pod names it.
    pub image: String,
    /// The kubelet's words about this image, the latest first.
    pub said: Vec<String>,
    /// The pull secrets that the admitted pod has.
    pub pull_secrets: Vec<String>,
    /// Those of them that the kubelet says it could not read.
    pub not_retrieved: Vec<String>,
    /// How far the node's clock is ahead of the API server's, where the pod's own times tell.
    pub clock_ahead: Option<SignedDuration>,
}

/// Clocks that differ by more than this are wrong: a pod waits less for its kubelet.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

impl PullFailure {
    /// What was said, for people.
    pub fn why(&self) -> String {
        self.said.join("; ")
    }

    /// Why, from the latest words that tell it.
    pub fn cause(&self) -> PullCause {
        self.telling().map_or(PullCause::Unknown, |(_, cause)| cause)
    }

    /// Whom the runtime asked when it failed, where that is told.
    pub fn asked(&self) -> Asked {
        self.telling().map_or(Asked::Untold, |(said, _)| Asked::of(&self.image, said))
    }

    fn telling(&self) -> Option<(&str, PullCause)> {
        let mut causes = self.said.iter().map(|said| (said.as_str(), PullCause::of(&self.image, said)));
        causes
            .clone()
            .find(|(_, cause)| !matches!(cause, PullCause::Unknown | PullCause::NodeBusy))
            .or(causes.next_back())
    }

    /// How wrong the node's clock is, where by more than a pod's start explains: `3 days behind`.
    pub fn wrong_clock(&self) -> Option<String> {
        let ahead = self.clock_ahead.filter(|ahead| ahead.abs() > CLOCKS_DIFFER)?;
        let side = if ahead.is_negative() { "behind" } else { "ahead of" };
        let by = match (ahead.abs().as_hours(), ahead.abs().as_mins()) {
            (0, minutes) => format!("{minutes} minutes"),
            (hours @ ..48, _) => format!("{hours} hours"),
            (hours, _) => format!("{} days", hours / 24),
        };
        Some(format!("{by} {side}"))
    }
}

/// Why a pull failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullCause {
    /// The kubelet cannot read a pull secret.
    SecretMalformed,
    /// The image is for another platform than the node's.
    OtherPlatform,
    /// A signature is missing or wrong, by a policy of the node.
    SignaturePolicy,
    DiskFull,
    /// Whoever was asked has had too many requests.
    Throttled,
    /// The node itself makes fewer requests than it is asked for (`registryPullQPS`).
    NodeBusy,
    /// A server without TLS where TLS is expected.
    PlainHttp,
    /// A proxy on the way does not let it through, or answers itself.
    Intercepted,
    /// A certificate is not valid at the time that the node's clock shows.
    CertificateTime,
    /// The runtime cannot read the manifest, or a layer.
    ManifestRefused,
    /// There is no such name.
    Unresolvable,
    /// Whoever was asked for the address of a name did not give an answer.
    ResolverSilent,
    Untrusted,
    Unreachable,
    /// The proxy that the runtime goes through is not reached.
    ProxySilent,
    /// Asked without credentials, and refused.
    AnonymousRefused,
    /// Refused. A missing repository looks the same to a user who is not allowed to see it.
    Refused,
    NotFound,
    /// It answered with an error of its own.
    ServerError,
    Unknown,
}

/// The words of each cause, in lower case. The order counts: a message about a token service that is silent has words of a
/// refusal in it, and one about a missing manifest those of anything that stands before.
const WORDS: &[(PullCause, &[&str])] = &[
    (
        PullCause::OtherPlatform,
        &[
            "no match for platform",
            "no matching manifest for",
            "exec format error",
            "does not match the specified platform",
            "no image found in manifest list for architecture",
            "no image found in image index for architecture",
            "cannot be used on this platform",
        ],
    ),
    (
        PullCause::SignaturePolicy,
        &[
            "signature validation failed",
            "signaturevalidationfailed",
            "source image rejected",
            "rejected by policy",
            "a signature was required",
            "image verifier",
            "trust data",
        ],
    ),
    (
        PullCause::DiskFull,
        &["no space left on device", "disk quota exceeded", "not enough space on the disk", "thin pool has"],
    ),
    (PullCause::NodeBusy, &["pull qps exceeded"]),
    (PullCause::Throttled, &["toomanyrequests", "too many request", "too_many_request", "rate limit", "rate exceeded"]),
    // Before what it failed with, which is about the proxy.
    (PullCause::ProxySilent, &["proxyconnect ", "socks connect "]),
    (
        PullCause::PlainHttp,
        &["server gave http response to https client", "first record does not look like a tls handshake"],
    ),
    (
        PullCause::Intercepted,
        &[
            ": proxy authentication required",
            "407 proxy authentication",
            "malformed http response",
            // A page in place of a token.
            "unable to decode token response: invalid character '<'",
        ],
    ),
    (PullCause::CertificateTime, &["certificate has expired or is not yet valid", "certificate is not yet valid"]),
    (
        PullCause::ManifestRefused,
        &[
            "unsupported media type",
            "unsupported mediatype",
            "unexpected media type",
            "no longer supported since containerd",
            "docker image format v1",
            "mediatype in manifest should be",
            "unknown manifest class",
            "encountered unknown type",
            "unrecognized manifest schema",
            "unsupported schema version",
            "unsupported manifest",
            "manifest invalid",
            "invalid rootfs in image configuration",
            "target is image index",
            "target is plugin",
            "target is unknown",
            "no processor for media-type",
            "invalid tar header",
            "mismatched image rootfs and manifest layers",
            "missing signature key",
            "unsupported mime type for image config",
            "unsupported image-specific operation on artifact",
        ],
    ),
    // The node's own: its runtime is down, or does not have what it needs for the image. No registry said this.
    (
        PullCause::Unknown,
        &[
            "dial unix ",
            "read unix ",
            "transport: ",
            "error reading from server: ",
            "executable file not found",
            "parent snapshot ",
            "extraction snapshot ",
            "snapshotter not loaded",
            "from content store",
            " is configured: not found",
        ],
    ),
    (PullCause::Unresolvable, &["no such host", "name does not resolve"]),
    (PullCause::Untrusted, &["x509:", "tls: "]),
    (
        PullCause::Unreachable,
        &[
            "i/o timeout",
            "timeout exceeded",
            "timeout awaiting",
            "handshake timeout",
            "deadline exceeded",
            "connection refused",
            "connection reset",
            "connection timed out",
            "network is unreachable",
            "no route to host",
            "connect: host is down",
            "connect: permission denied",
            "connect: operation not permitted",
            "cannot assign requested address",
            "write: broken pipe",
            "use of closed network connection",
            "transport connection broken",
            "http2: client connection lost",
            "http2: server sent goaway",
            "http2: timeout",
            "stream error: ",
            ": eof",
            "unexpected eof",
            "the registry is unavailable",
        ],
    ),
];

/// The words of what a server answered, where its status alone does not tell. These are asked last.
const ANSWERS: &[(PullCause, &[&str])] = &[
    (
        PullCause::AnonymousRefused,
        &["failed to fetch anonymous token", "no basic auth credentials", "missing username or secret"],
    ),
    (
        PullCause::Refused,
        &[
            "unauthorized",
            "authentication required",
            "authorization failed",
            "insufficient_scope",
            "access denied",
            "accessdenied",
            "access to the resource is denied",
            "no pull access",
            "forbidden",
            ": denied: ",
            "failed to fetch oauth token",
            "incorrect username or password",
            "invalid username/password",
            "invalid auth config",
        ],
    ),
    (
        PullCause::NotFound,
        &[
            "manifest unknown",
            "manifest_unknown",
            "name unknown",
            "name_unknown",
            "blob unknown",
            "unknown blob",
            "not found",
        ],
    ),
    (PullCause::ServerError, &["internal server error"]),
];

/// The reasons of refusals that Go gives without their number: those of a proxy that was asked to CONNECT. What a server
/// answers comes with its number.
const REASONS: [&str; 8] = [
    "forbidden",
    "bad gateway",
    "service unavailable",
    "gateway time",
    "bad request",
    "method not allowed",
    "internal server error",
    "request timeout",
];

/// What Go says of JSON and base64 that it cannot read; the kubelet gives it alone, before it asks the runtime.
const UNREADABLE: &[&str] = &[
    "illegal base64 data",
    "unable to parse auth field",
    "invalid character",
    "cannot unmarshal",
    "unexpected end of json input",
];

impl PullCause {
    /// Why, from what was said of an image. The image's own name and URLs are no words about it.
    pub fn of(image: &str, said: &str) -> PullCause {
        let bare = asked::without_names(image, said).to_ascii_lowercase();
        let from_runtime = [
            "rpc error",
            "failed to pull and unpack",
            "from daemon",
            "http ",
            "container registry ",
            "reading manifest ",
            "initializing source",
        ];
        if UNREADABLE.iter().any(|text| bare.contains(text)) && !from_runtime.iter().any(|text| bare.contains(text)) {
            return PullCause::SecretMalformed;
        }
        let of = |all: &[(PullCause, &[&str])]| {
            all.iter().find(|(_, texts)| texts.iter().any(|text| bare.contains(text))).map(|(cause, _)| *cause)
        };
        match of(WORDS) {
            Some(PullCause::Unresolvable | PullCause::Unreachable) if is_of_look_up(&bare) => return of_look_up(&bare),
            None if is_of_look_up(&bare) => return of_look_up(&bare),
            Some(known) => return known,
            None if is_refused_by_proxy(&bare) => return PullCause::Intercepted,
            None => {}
        }
        let of_token_service = [": failed to fetch ", "auth token: "].iter().any(|text| bare.contains(text));
        match status(&bare) {
            Some(429) => PullCause::Throttled,
            Some(407) => PullCause::Intercepted,
            // One that gives no tokens under the address that the registry names.
            Some(404) if of_token_service => PullCause::ServerError,
            Some(404) => PullCause::NotFound,
            Some(500..) => PullCause::ServerError,
            Some(401 | 403) => of(ANSWERS).filter(|known| known.is_refusal()).unwrap_or(PullCause::Refused),
            _ => of(ANSWERS).unwrap_or(PullCause::Unknown),
        }
    }

    /// Whether the kubelet's next try may do better, so that it is worth waiting for.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            PullCause::Throttled
                | PullCause::NodeBusy
                | PullCause::Unreachable
                | PullCause::ResolverSilent
                | PullCause::ProxySilent
                | PullCause::NotFound
                | PullCause::ServerError
                | PullCause::Unknown
        )
    }

    /// Whether who asked, or what for, was refused.
    pub fn is_refusal(self) -> bool {
        matches!(self, PullCause::AnonymousRefused | PullCause::Refused)
    }
}

/// Whether it is about the look-up of a name: Go says so before whatever it failed with.
fn is_of_look_up(bare: &str) -> bool {
    bare.contains("dial tcp: lookup ")
}

fn of_look_up(bare: &str) -> PullCause {
    let no_such_name = ["no such host", "name does not resolve", "name or service not known"];
    let known = no_such_name.iter().any(|text| bare.contains(text));
    if known { PullCause::Unresolvable } else { PullCause::ResolverSilent }
}

/// `Get "URL": Service Unavailable`, the URL left out.
fn is_refused_by_proxy(bare: &str) -> bool {
    REASONS.iter().flat_map(|reason| bare.match_indices(reason)).any(|(at, _)| {
        let before = bare[..at].strip_suffix(": ").map(|before| before.trim_end_matches(['"', '\\', ' ']));
        before.is_some_and(|before| ["head", "get", "post", "put"].iter().any(|verb| before.ends_with(verb)))
    })
}

/// The status of an answer, as containerd, dockerd and CRI-O name it: `unexpected status from HEAD request to URL: 429`,
/// `error parsing HTTP 502 response body`, `StatusCode: 403`, `invalid status code from registry 404 (Not Found)`.
fn status(bare: &str) -> Option<u16> {
    let after = ["status", "parsing http "].iter().filter_map(|text| Some(bare.find(text)? + text.len())).min()?;
    let ends = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | ',' | '(' | '"' | ';'));
    bare[after..]
        .match_indices(' ')
        .map(|(at, _)| &bare[after + at + 1..])
        .chain([&bare[after..]])
        .filter_map(|rest| Some((rest.get(..3)?, rest.get(3..)?)))
        .filter(|(number, rest)| number.bytes().all(|c| c.is_ascii_digit()) && ends(rest.chars().next()))
        .find_map(|(number, _)| number.parse().ok().filter(|number| (400..600).contains(number)))
}

#[cfg(test)]
#[path = "pull/words_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "pull/variations_tests.rs"]
mod variations;
