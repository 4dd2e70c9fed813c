//! DSS's own HTTP answers.
