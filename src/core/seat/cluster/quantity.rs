//! Quantities as Kubernetes writes them: `500m`, `1408Mi`, `1.5`, `2e3`.

/// What a unit stands for, in thousandths of one; what is finer than a thousandth is rounded up, as the scheduler does.
const UNITS: [(&str, f64); 15] = [
    ("Ki", 1024e3),
    ("Mi", 1_048_576e3),
    ("Gi", 1_073_741_824e3),
    ("Ti", 1_099_511_627_776e3),
    ("Pi", 1_125_899_906_842_624e3),
    ("Ei", 1_125_899_906_842_624e3 * 1024.0),
    ("n", 1e-6),
    ("u", 1e-3),
    ("m", 1.0),
    ("k", 1e6),
    ("M", 1e9),
    ("G", 1e12),
    ("T", 1e15),
    ("P", 1e18),
    ("E", 1e21),
];

/// The quantity in thousandths; none where it is none, or is negative.
pub fn thousandths(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, unit) = match UNITS.iter().find(|(unit, _)| text.ends_with(unit)) {
        Some((unit, factor)) => (&text[..text.len() - unit.len()], *factor),
        None => (text, 1000.0),
    };
    // Rust would take `inf` and `nan` for numbers as well.
    let number = number.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+')).then(|| number.parse())?;
    number.ok().map(|number: f64| (number * unit).ceil()).filter(|all| all.is_finite() && *all >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read_and_what_is_none_is_not() {
        for (text, value) in [
            ("0", 0.0),
            ("2", 2000.0),
            ("100m", 100.0),
            ("1.5", 1500.0),
            ("64Mi", 64.0 * 1_048_576_000.0),
            ("1k", 1e6),
            ("1E", 1e21),
            ("2e3", 2e6),
            ("12E2", 1_200_000.0),
            ("500u", 1.0),
        ] {
            assert_eq!(thousandths(text), Some(value), "{text}");
        }
        for text in ["", "lots", "-1", "inf", "nan", "1X", "Mi"] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }
}
