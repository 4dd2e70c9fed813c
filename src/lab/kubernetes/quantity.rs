//! Kubernetes quantities: `100m`, `64Mi`, `2`.

use ackcheck_core::seat::cluster::quantity::thousandths;

/// A quantity in thousandths; none if it is not one.
pub(crate) fn milli(text: &str) -> Option<i64> {
    thousandths(text).map(|all| all as i64)
}

/// Thousandths as a quantity of a resource.
pub(crate) fn text(resource: &str, milli: i64) -> String {
    if resource.contains("memory") && milli % 1_048_576_000 == 0 && milli > 0 {
        format!("{}Mi", milli / 1_048_576_000)
    } else if milli % 1000 == 0 {
        (milli / 1000).to_string()
    } else {
        format!("{milli}m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_quantities() {
        assert_eq!(milli("100m"), Some(100));
        assert_eq!(milli("2"), Some(2000));
        assert_eq!(milli("64Mi"), Some(64 * 1_048_576_000));
        assert_eq!(milli("1.5"), Some(1500));
        assert_eq!(milli("lots"), None);
        assert_eq!(milli("-1"), None);
        assert_eq!(text("requests.cpu", 100), "100m");
        assert_eq!(text("pods", 3000), "3");
        assert_eq!(text("memory", 64 * 1_048_576_000), "64Mi");
    }
}
