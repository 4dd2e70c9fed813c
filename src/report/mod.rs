//! Each format a pure function of a report.
