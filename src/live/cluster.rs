//! The cluster seat on a real deployment.
