//! The ports that a Spark configuration pins the driver to, as Spark binds them (2.4 to 4.1, `Utils.startServiceOnPort`): from
//! the pinned one on, as many more as there are retries, past 65535 on from 1024; and none below 1024.

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::containers::{Configuration, spark};

/// Where nothing else is said, Spark tries this many more ports.
const USUAL_RETRIES: u16 = 16;
const FIRST: u16 = 1024;

/// What a property that names a port of the driver comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pinned {
    /// The driver takes the first of these that is free; in order, one range or two.
    To(Vec<Ports>),
    /// Spark stops with this value.
    Refused(String),
    /// Only the running DSS knows the value of this property.
    Hidden(&'static str),
}

/// The properties that pin ports of the driver, with what they come to. One that is not there, or 0, pins nothing.
pub(crate) fn of(one: &Configuration) -> Vec<(&'static str, Pinned)> {
    let blocks = match one.property(spark::DRIVER_BLOCK_MANAGER_PORT) {
        Some(_) => spark::DRIVER_BLOCK_MANAGER_PORT,
        None => spark::BLOCK_MANAGER_PORT,
    };
    let retries = retries(one);
    let pinned = |key: &'static str| match one.property(key)? {
        PropertyValue::Clear(_) => of_text(one.text(key)?, &retries).map(|pinned| (key, pinned)),
        _ => Some((key, Pinned::Hidden(key))),
    };
    [spark::DRIVER_PORT, blocks].into_iter().filter_map(pinned).collect()
}

fn of_text(text: &str, retries: &Retries) -> Option<Pinned> {
    let port = match text.parse::<i32>() {
        Ok(0) => return None,
        Ok(number) => u16::try_from(number).ok().filter(|port| *port >= FIRST),
        Err(_) => None,
    };
    let Some(port) = port else { return Some(Pinned::Refused(text.to_owned())) };
    match retries {
        Retries::Known(more) => Some(Pinned::To(tried(port, *more))),
        Retries::Hidden => Some(Pinned::Hidden(spark::PORT_RETRIES)),
    }
}

enum Retries {
    Known(u16),
    Hidden,
}

/// How many more ports are tried. A number that Spark does not start with is not what this is about.
fn retries(one: &Configuration) -> Retries {
    match one.property(spark::PORT_RETRIES) {
        None => Retries::Known(USUAL_RETRIES),
        Some(PropertyValue::Clear(_)) => {
            let number = one.text(spark::PORT_RETRIES).and_then(|text| text.parse::<i32>().ok());
            let most = i32::from(u16::MAX - FIRST);
            Retries::Known(number.and_then(|more| u16::try_from(more.clamp(0, most)).ok()).unwrap_or(0))
        }
        Some(_) => Retries::Hidden,
    }
}

fn tried(port: u16, more: u16) -> Vec<Ports> {
    let last = u32::from(port) + u32::from(more);
    let range = |first: u16, last: u16| Ports::new(first, last).ok();
    match u16::try_from(last) {
        Ok(last) => range(port, last).into_iter().collect(),
        Err(_) => {
            let over = u16::try_from(last - u32::from(u16::MAX) - 1).unwrap_or(0);
            [range(FIRST, FIRST.saturating_add(over)), range(port, u16::MAX)].into_iter().flatten().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_tried_as_spark_tries_them() {
        let told = |text: &str, retries: &Retries| match of_text(text, retries) {
            None => "none".to_owned(),
            Some(Pinned::To(ranges)) => ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Some(Pinned::Refused(text)) => format!("refused {text}"),
            Some(Pinned::Hidden(key)) => format!("hidden {key}"),
        };
        for (text, more, expected) in [
            ("0", 16, "none"),
            ("30000", 16, "30000-30016"),
            ("30000", 0, "30000"),
            ("1024", 1, "1024-1025"),
            ("65535", 0, "65535"),
            ("65535", 1, "1024, 65535"),
            ("65530", 10, "1024-1028, 65530-65535"),
            ("65535", 64_511, "1024-65534, 65535"),
            ("1023", 16, "refused 1023"),
            ("65536", 16, "refused 65536"),
            ("-1", 16, "refused -1"),
            ("30000-30100", 16, "refused 30000-30100"),
        ] {
            assert_eq!(told(text, &Retries::Known(more)), expected, "{text} and {more} more");
        }
        assert_eq!(told("30000", &Retries::Hidden), "hidden spark.port.maxRetries");
        assert_eq!(told("80", &Retries::Hidden), "refused 80");
    }
}
