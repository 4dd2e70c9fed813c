//! A site is live or lab: seats for either, chosen once.
