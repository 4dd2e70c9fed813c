//! Why a TLS connection failed, in words that help whoever is to fix it.

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage};

/// The most names of a certificate that are listed.
const MOST_NAMES: usize = 5;

/// The error as a sentence about the server.
pub fn in_words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(why) => certificate(why),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => ackcheck_probe_protocol::NOT_TLS.to_owned(),
        Error::InvalidMessage(_) => "it sent a TLS message that cannot be read".to_owned(),
        Error::AlertReceived(alert) => alarmed(*alert),
        Error::PeerIncompatible(_) => "it has no TLS version and cipher in common with this client".to_owned(),
        Error::PeerMisbehaved(_) => "it does not keep to the rules of TLS".to_owned(),
        Error::NoCertificatesPresented => "it presented no certificate".to_owned(),
        Error::DecryptError => "it sent a TLS message that cannot be decrypted".to_owned(),
        other => other.to_string(),
    }
}

fn certificate(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "its certificate is not signed by an authority that is trusted here".into(),
        CertificateError::Expired => "its certificate has expired".into(),
        CertificateError::ExpiredContext { time, not_after } => {
            let since = span(time.as_secs().saturating_sub(not_after.as_secs()));
            format!("its certificate expired {since} ago")
        }
        CertificateError::NotValidYet => "its certificate is not valid yet".into(),
        CertificateError::NotValidYetContext { time, not_before } => {
            let until = span(not_before.as_secs().saturating_sub(time.as_secs()));
            format!("its certificate is not valid yet, and will be in {until}: is the clock right?")
        }
        CertificateError::NotValidForName => "its certificate is for another name".into(),
        CertificateError::NotValidForNameContext { expected, presented } => {
            format!("its certificate is for {}, and not for {}", names(presented), expected.to_str())
        }
        CertificateError::Revoked => "its certificate has been revoked".into(),
        CertificateError::BadSignature => {
            "its certificate names an authority that is trusted here, which did not sign it".into()
        }
        CertificateError::BadEncoding => "its certificate cannot be read".into(),
        CertificateError::UnhandledCriticalExtension => "its certificate has an extension that is not supported".into(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not meant for a server".into()
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "its certificate is signed in a way that is not supported, such as with SHA-1".into()
        }
        CertificateError::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
            Some(error) => path(error),
            None => other.0.to_string(),
        },
        other => other.to_string(),
    }
}

/// What is wrong with how certificates sign one another, or with their form.
fn path(error: &webpki::Error) -> String {
    use webpki::Error as E;
    let words = match error {
        E::CaUsedAsEndEntity => "it presented the certificate of an authority, and not one of a server",
        E::EndEntityUsedAsCa => "its certificate is signed by a certificate that is not an authority's",
        E::PathLenConstraintViolated => "its certificate is signed through more authorities than the first one allows",
        E::NameConstraintViolation => "its certificate is for a name that its authority is not allowed to sign for",
        E::UnsupportedCertVersion => "its certificate is of an older form than X.509 version 3",
        E::MaximumSignatureChecksExceeded | E::MaximumPathBuildCallsExceeded => {
            "it presented more certificates than are followed"
        }
        other => return format!("its certificate cannot be accepted ({other})"),
    };
    words.to_owned()
}

fn alarmed(alert: AlertDescription) -> String {
    use AlertDescription as A;
    let why = match alert {
        A::HandshakeFailure => "it found no cipher in common",
        A::ProtocolVersion => "it wants another version of TLS",
        A::UnrecognisedName => "it has nothing under this name",
        A::CertificateRequired => "it wants a certificate of the client",
        A::BadCertificate | A::UnsupportedCertificate | A::CertificateUnknown | A::UnknownCA | A::AccessDenied => {
            "it does not accept the client's certificate"
        }
        A::CertificateExpired => "the client's certificate has expired",
        A::CertificateRevoked => "the client's certificate has been revoked",
        A::InternalError => "it has an error of its own",
        other => return format!("it ended the handshake with the alert {other:?}"),
    };
    format!("it ended the handshake: {why}")
}

/// rustls gives them as values of Rust: `DnsName("a.example")`.
fn names(presented: &[String]) -> String {
    let plain = |name: &String| match name.split('"').nth(1) {
        Some(inside) => inside.to_owned(),
        None => name.trim_start_matches("IpAddress(").trim_end_matches(')').to_owned(),
    };
    let mut names: Vec<String> = presented.iter().take(MOST_NAMES).map(plain).collect();
    if presented.len() > MOST_NAMES {
        names.push(format!("{} more", presented.len() - MOST_NAMES));
    }
    match names.as_slice() {
        [] => "no name at all".to_owned(),
        names => names.join(", "),
    }
}

/// Seconds as people say them.
fn span(seconds: u64) -> String {
    let (count, unit) = match seconds {
        86_400.. => (seconds / 86_400, "day"),
        3_600.. => (seconds / 3_600, "hour"),
        60.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_spans_are_said_as_people_say_them() {
        let presented = ["DnsName(\"a.example\")".to_owned(), "IpAddress(10.0.0.1)".to_owned()];
        assert_eq!(names(&presented), "a.example, 10.0.0.1");
        assert_eq!(names(&vec!["DnsName(\"b\")".to_owned(); 7]), "b, b, b, b, b, 2 more");
        assert_eq!(names(&[]), "no name at all");
        assert_eq!([span(1), span(59), span(3_700), span(90_000 * 3)], ["1 second", "59 seconds", "1 hour", "3 days"]);
    }

    #[test]
    fn no_variant_of_rust_is_told() {
        for error in [
            Error::InvalidCertificate(CertificateError::UnknownIssuer),
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::AlertReceived(AlertDescription::UnrecognisedName),
            Error::NoCertificatesPresented,
        ] {
            let said = in_words(&error);
            assert!(said.starts_with("it") && !said.contains("Invalid") && !said.contains("::"), "{said}");
        }
    }
}
