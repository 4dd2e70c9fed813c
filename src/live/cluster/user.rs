//! What a user of a kubeconfig signs in with.

use kube::config::AuthInfo;
use secrecy::ExposeSecret as _;

use ackcheck_core::secret::{Scrubber, recognition};

/// Learns every secret of a user: what it signs in with, and what its plugin is given.
pub(super) fn teach(user: &AuthInfo, scrubber: &Scrubber) {
    for secret in [&user.token, &user.password, &user.client_key_data].into_iter().flatten() {
        scrubber.secret(secret.expose_secret());
    }
    if let (Some(name), Some(password)) = (&user.username, &user.password) {
        scrubber.basic(name, password.expose_secret());
    }
    let Some(exec) = &user.exec else { return };
    for entry in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (entry.get("name"), entry.get("value"))
            && recognition::is_secret(name, value)
        {
            scrubber.secret(value.as_str());
        }
    }
    let arguments = exec.args.as_deref().unwrap_or_default();
    for (at, argument) in arguments.iter().enumerate() {
        // `--token VALUE` and `--token=VALUE`.
        let before = at.checked_sub(1).map_or("", |before| arguments[before].as_str());
        let (name, value) = argument.split_once('=').unwrap_or((before, argument.as_str()));
        if recognition::is_secret(name.trim_start_matches('-'), value) {
            scrubber.secret(value);
        }
        scrubber.without_secrets(argument);
    }
}

/// As a kubeconfig holds what files hold in PEM.
pub(super) fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
