//! The cloud seat on a real deployment.
