//! The nodes: what becomes of a pod.
