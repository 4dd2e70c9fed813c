//! The dss seat on a real deployment.
