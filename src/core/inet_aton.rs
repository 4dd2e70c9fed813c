//! IPv4 addresses in every form that the C library reads before it asks DNS: `127.1`, `0x7f000001`, `2130706433`.

use std::net::Ipv4Addr;

/// An IPv4 address as glibc's `inet_aton` reads it: one to four numbers, each decimal, octal (`0…`) or hexadecimal (`0x…`),
/// of which the last fills all bytes that are left.
pub fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let numbers: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, bytes) = numbers.split_last().filter(|(_, bytes)| bytes.len() < 4)?;
    let room = 8 * (4 - bytes.len());
    if bytes.iter().any(|byte| *byte > 0xff) || u64::from(*last) >> room != 0 {
        return None;
    }
    let start = bytes.iter().enumerate().fold(0, |address, (at, byte)| address | byte << (24 - 8 * at));
    Some(Ipv4Addr::from(start | last))
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    // A sign is no digit.
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::inet_aton;

    #[test]
    fn reads_what_glibc_reads() {
        for (text, address) in [
            ("10.0.0.20", "10.0.0.20"),
            ("127.1", "127.0.0.1"),
            ("0x7f.1", "127.0.0.1"),
            ("0177.0.0.01", "127.0.0.1"),
            ("2130706433", "127.0.0.1"),
            ("0X7F000001", "127.0.0.1"),
            ("0", "0.0.0.0"),
        ] {
            assert_eq!(inet_aton(text).map(|it| it.to_string()).as_deref(), Some(address), "{text}");
        }
        for text in ["", ".", "256.1.1.1", "1.2.3.4.5", "08.0.0.1", "4294967296", "dss.example", "0xg", "+1"] {
            assert_eq!(inet_aton(text), None, "{text}");
        }
    }
}
