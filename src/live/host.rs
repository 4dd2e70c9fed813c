//! The host seat on a real deployment.
