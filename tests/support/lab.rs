//! A lab, opened as the program opens it.

use ackcheck::site::{Overrides, Site};
use ackcheck_lab::LabOptions;

/// Installs the TLS provider of this process, which all of its tests share.
pub(crate) fn install_tls_provider() {
    // It says no where another test was first, and that is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Starts a lab and opens the site file that it writes.
pub(crate) async fn open(options: &LabOptions) -> Result<Site, String> {
    install_tls_provider();
    Site::lab(options, "the lab".to_owned(), Overrides::default()).await.map_err(|error| format!("{error:#}"))
}
