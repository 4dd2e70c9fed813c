//! The store seat on a real deployment.
