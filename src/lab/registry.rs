//! The image registry and its token service.
