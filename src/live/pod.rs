//! The pod seat on a real deployment.
