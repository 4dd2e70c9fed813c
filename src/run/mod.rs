//! Walks the graph of checks.
