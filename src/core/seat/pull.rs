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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    Unresolvable,
    Untrusted,
    Unreachable,
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
    (PullCause::DiskFull, &["no space left on device", "disk quota exceeded", "not enough space on the disk"]),
    (PullCause::NodeBusy, &["pull qps exceeded"]),
    (PullCause::Throttled, &["toomanyrequests", "too many requests", "http 429 response", "rate limit"]),
    (PullCause::PlainHttp, &["server gave http response to https client"]),
    (
        PullCause::Intercepted,
        &[
            // Go gives a proxy's refusal of CONNECT as its reason alone; a server's status comes with its number.
            "request: head \"\": forbidden",
            "request: get \"\": forbidden",
            "token: get \"\": forbidden",
            "token: post \"\": forbidden",
            ": proxy authentication required",
            "407 proxy authentication",
            "malformed http response",
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
        ],
    ),
    (PullCause::Unresolvable, &["no such host"]),
    (PullCause::Untrusted, &["x509:", "tls: "]),
    (
        PullCause::Unreachable,
        &[
            "server misbehaving",
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
            "proxyconnect",
            ": eof",
            "unexpected eof",
            "the registry is unavailable",
        ],
    ),
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
            "http 403 response",
            "http 401 response",
            "failed to fetch oauth token",
            "incorrect username or password",
            "invalid auth config",
        ],
    ),
    (
        PullCause::NotFound,
        &["manifest unknown", "manifest_unknown", "name unknown", "name_unknown", "blob unknown", "not found"],
    ),
    (
        PullCause::ServerError,
        &[
            "500 internal server error",
            "502 bad gateway",
            "503 service unavailable",
            "504 gateway",
            "http 500 response",
            "http 502 response",
            "http 503 response",
            "http 504 response",
        ],
    ),
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
        let from_runtime = ["rpc error", "failed to pull and unpack", "from daemon", "http "];
        if UNREADABLE.iter().any(|text| bare.contains(text)) && !from_runtime.iter().any(|text| bare.contains(text)) {
            return PullCause::SecretMalformed;
        }
        let known = WORDS.iter().find(|(_, texts)| texts.iter().any(|text| bare.contains(text)));
        known.map_or(PullCause::Unknown, |(cause, _)| *cause)
    }

    /// Whether the kubelet's next try may do better, so that it is worth waiting for.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            PullCause::Throttled
                | PullCause::NodeBusy
                | PullCause::Unreachable
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

#[cfg(test)]
#[path = "pull/words_tests.rs"]
mod tests;
