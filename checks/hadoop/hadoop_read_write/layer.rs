//! Which layer an exception of Hadoop comes from. Hadoop reports most of them in words of another: a refusal as a file that is
//! not there, a missing class as whatever was being done.

use ackcheck_core::seat::store::{Thrown, Trace};

/// The check of the folders above the root.
pub(super) const PARENTS: &str = "oss-parents";
/// The most of one message that is quoted, in characters.
const LONGEST: usize = 300;

/// A layer, with what of it is to blame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layer {
    /// A class, as class files name it: `org/jdom2/Document`.
    ClassMissing(String),
    /// A method or a field, as the JVM names it.
    MethodMissing(String),
    SettingRefused,
    ProxyDead,
    Parents,
    /// An action, and the check that asks the same of OSS.
    Denied {
        action: String,
        check: Option<&'static str>,
    },
    /// The error code of OSS.
    Signature(String),
    /// The version of Java, or its options.
    Java,
    /// Something else; the check that may explain it.
    Other {
        check: Option<&'static str>,
    },
}

/// What the JVM raises where a class is not there.
const NO_CLASS: [&str; 2] = ["NoClassDefFoundError", "ClassNotFoundException"];
/// What it raises where a class is another one than the caller was compiled for.
const NO_MEMBER: [&str; 7] = [
    "NoSuchMethodError",
    "NoSuchFieldError",
    "AbstractMethodError",
    "IllegalAccessError",
    "IncompatibleClassChangeError",
    "VerifyError",
    "BootstrapMethodError",
];
/// What it raises, or what stands in its message, where Java itself does not fit.
const OF_JAVA: [&str; 4] = [
    "UnsupportedClassVersionError",
    "InaccessibleObjectException",
    "getSubject is not supported",
    "java.lang.ClassFormatError",
];
/// How OSS refuses a key or a signature, by its error codes.
const OF_THE_KEY: [&str; 8] = [
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "InvalidSecurityToken",
    "SecurityTokenExpired",
    "SecurityTokenNotSupported",
    "AccessKeyIdAndSecurityTokenNotMatch",
    "RequestTimeTooSkewed",
    "UserDisable",
];
/// What the client of OSS, or the JDK, says where an answer did not come in time. Time says nothing.
const LATE: [&str; 5] = [
    "SocketTimeoutException",
    "ConnectTimeoutException",
    "ConnectionPoolTimeoutException",
    "SocketTimeout",
    "ConnectionTimeout",
];
/// What is thrown where a setting cannot be read.
const OF_A_SETTING: [&str; 4] =
    ["NumberFormatException", "UnsupportedFileSystemException", "URISyntaxException", "IllegalArgumentException"];
/// Frames of what reads settings.
const READS_SETTINGS: [&str; 2] =
    ["org.apache.hadoop.conf.Configuration.", "org.apache.hadoop.fs.aliyun.oss.AliyunOSSUtils."];
/// Frames of what looks at the folders above the one that is made: Hadoop's own, and ackcheck's in its place.
const LOOKS_ABOVE: [&str; 2] = ["AliyunOSSFileSystem.validatePath(", "AckcheckHadoopWork.above("];
/// What is thrown where a connection is refused, leads nowhere, or to somebody who does not speak TLS.
const NOT_REACHED: [&str; 12] = [
    "SSLException",
    "SSLHandshakeException",
    "SSLPeerUnverifiedException",
    "SSLProtocolException",
    "EOFException",
    "SocketException",
    "ConnectException",
    "HttpHostConnectException",
    "UnknownHostException",
    "NoRouteToHostException",
    "TunnelRefusedException",
    "NoHttpResponseException",
];

/// The layer; none where all that happened is that time went by.
pub(super) fn of(step: &str, trace: &Trace, proxy: Option<&str>) -> Option<Layer> {
    if let Some(layer) = of_linkage(&trace.thrown) {
        return Some(layer);
    }
    // What OSS itself says counts more than what Hadoop makes of it.
    let all = || trace.beneath.iter().chain(&trace.thrown);
    if let Some(refusal) = all().find(|thrown| thrown.name() == "OSSException") {
        return Some(of_refusal(refusal));
    }
    if all().any(|thrown| {
        LATE.contains(&thrown.name()) || error_code(&thrown.message).is_some_and(|code| LATE.contains(&code))
    }) {
        return None;
    }
    let unreached = all().any(|thrown| NOT_REACHED.contains(&thrown.name()));
    if unreached && proxy.is_some() {
        return Some(Layer::ProxyDead);
    }
    let setting = |thrown: &Thrown| {
        let reads = thrown.at.iter().any(|frame| READS_SETTINGS.iter().any(|reader| frame.starts_with(reader)));
        reads || (OF_A_SETTING.contains(&thrown.name()) && (step == "init" || thrown.name() == "NumberFormatException"))
    };
    if trace.thrown.iter().any(setting) {
        return Some(Layer::SettingRefused);
    }
    let answered = all().any(|thrown| error_code(&thrown.message) == Some("InvalidResponse"));
    Some(Layer::Other { check: (step == "delete" && answered).then_some("oss-post") })
}

/// The innermost error of the JVM that says what is missing; one about initialisation says only that there was another.
fn of_linkage(thrown: &[Thrown]) -> Option<Layer> {
    let java =
        |thrown: &&Thrown| OF_JAVA.iter().any(|word| thrown.class.ends_with(word) || thrown.message.contains(word));
    if thrown.iter().any(|thrown| java(&thrown)) {
        return Some(Layer::Java);
    }
    thrown.iter().rev().find_map(|thrown| {
        if NO_CLASS.contains(&thrown.name()) {
            return class_of(&thrown.message).map(Layer::ClassMissing);
        }
        NO_MEMBER.contains(&thrown.name()).then(|| Layer::MethodMissing(short(&thrown.message)))
    })
}

/// `org/jdom2/Document`, of `org/jdom2/Document`, `org.jdom2.Document` or `Class org.jdom2.Document not found`.
fn class_of(message: &str) -> Option<String> {
    if message.starts_with("Could not initialize class ") {
        return None;
    }
    let name = message.strip_prefix("Class ").unwrap_or(message).split(' ').next()?;
    let name = name.strip_prefix('L').and_then(|name| name.strip_suffix(';')).unwrap_or(name);
    (!name.is_empty() && name != "null").then(|| name.replace('.', "/"))
}

fn of_refusal(refusal: &Thrown) -> Layer {
    let message = &refusal.message;
    match error_code(message) {
        Some("AccessDenied") => {
            let action = between(message, "<AuthAction>", "</AuthAction>").unwrap_or("an action that it does not name");
            let above = refusal.at.iter().any(|frame| LOOKS_ABOVE.iter().any(|above| frame.contains(above)));
            match above {
                true => Layer::Parents,
                false => Layer::Denied { action: action.to_owned(), check: check_of(action) },
            }
        }
        Some(code) if OF_THE_KEY.contains(&code) || message.to_lowercase().contains("signature version") => {
            Layer::Signature(code.to_owned())
        }
        Some("FileImmutable") => Layer::Other { check: Some("oss-delete") },
        Some(_) | None => Layer::Other { check: None },
    }
}

/// The check that asks OSS for the same.
fn check_of(action: &str) -> Option<&'static str> {
    match action {
        "oss:ListObjects" => Some("oss-list"),
        "oss:PutObject" => Some("oss-write"),
        "oss:GetObject" => Some("oss-read"),
        "oss:DeleteObject" => Some("oss-delete"),
        _ => None,
    }
}

/// The error code in a message of the SDK: `… [ErrorCode]: AccessDenied [RequestId]: …`.
fn error_code(message: &str) -> Option<&str> {
    between(message, "[ErrorCode]: ", "[").map(str::trim)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after).map_or(rest, |(part, _)| part))
}

/// A message as a report has it: without the request's body and ids, and of bounded length.
fn short(message: &str) -> String {
    let message = between(message, "", "[RequestId]").unwrap_or(message);
    let message = message.split("[ResponseError]").next().unwrap_or(message).trim();
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

/// What was thrown first, what caused it in the end, and what OSS itself says.
pub(super) fn quoted(trace: &Trace) -> String {
    let told = |thrown: &Thrown| format!("{}: {}", thrown.name(), short(&thrown.message));
    let first = trace.thrown.first().map(told);
    let cause = trace.thrown.last().map(told).filter(|cause| Some(cause) != first.as_ref());
    let cause = cause.map(|cause| format!("caused by {cause}"));
    let beneath = trace.beneath.first().map(|thrown| format!("and OSS itself says {}", told(thrown)));
    [first, cause, beneath].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

impl Layer {
    /// What was seen, with what is to blame first.
    pub(super) fn seen(&self, trace: &Trace) -> String {
        let quoted = quoted(trace);
        match self {
            Layer::Denied { action, .. } => format!("{action} is denied ({quoted})"),
            Layer::Parents => format!("oss:ListObjects is denied above the root ({quoted})"),
            _ => quoted,
        }
    }
}

#[cfg(test)]
#[path = "layer_tests.rs"]
mod tests;
