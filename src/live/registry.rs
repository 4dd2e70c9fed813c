//! The registry seat on a real deployment.
