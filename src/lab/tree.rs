//! The DSS host: a directory tree written from fixtures, and the commands that are found on it.
