use serde_json::json;

use super::*;

#[test]
fn ports_are_read_as_the_api_writes_them() {
    assert_eq!(ports("22/22"), Ports::new(22, 22).map_err(|error| error.to_string()));
    assert_eq!(ports("-1/-1"), Ok(Ports::ALL));
    assert_eq!(ports("0/65535"), Ok(Ports::ALL));
    for wrong in ["", "22", "80/22", "1/70000", "a/b", "0/0"] {
        assert!(ports(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn priorities_are_numbers_in_either_type() {
    assert_eq!(priority(&json!("10")), Ok(10));
    assert_eq!(priority(&json!(110)), Ok(110));
    assert!(priority(&json!(null)).is_err());
    assert!(priority(&json!("first")).is_err());
}

#[test]
fn a_range_beats_a_group_and_both_beat_a_prefix_list() {
    let permission = |value: Value| serde_json::from_value::<Permission>(value).unwrap();
    let all = json!({"Direction": "ingress", "SourceCidrIp": "10.0.0.5", "SourceGroupId": "sg-1", "SourcePrefixListId": "pl-1"});
    assert_eq!(peer(&permission(all), true), Ok(Peer::Range("10.0.0.5/32".parse().unwrap())));
    let two =
        json!({"Direction": "egress", "DestGroupId": "sg-1", "DestPrefixListId": "pl-1", "SourceCidrIp": "10.0.0.0/8"});
    assert_eq!(peer(&permission(two), false), Ok(Peer::Group("sg-1".to_owned())));
    let none = json!({"Direction": "ingress", "SourceCidrIp": null});
    assert!(peer(&permission(none), true).is_err());
}

#[test]
fn only_rules_for_tcp_are_of_matter() {
    for (protocol, for_tcp) in [
        ("ALL", Some(true)),
        ("all", Some(true)),
        ("tcp", Some(true)),
        ("6", Some(true)),
        ("-1", Some(true)),
        ("UDP", Some(false)),
        ("17", Some(false)),
        ("ICMP", Some(false)),
        ("icmpv6", Some(false)),
        ("GRE", Some(false)),
        ("", None),
        ("TCP,UDP", None),
    ] {
        assert_eq!(Rule::is_for_tcp(protocol), for_tcp, "{protocol}");
    }
}

#[test]
fn the_own_side_is_the_other_end_of_the_peer() {
    let permission = |value: Value| serde_json::from_value::<Permission>(value).unwrap();
    let both = permission(json!({"SourceCidrIp": "10.0.1.0/24", "DestCidrIp": "10.0.0.20"}));
    assert_eq!(own(&both, true), Ok(Some("10.0.0.20/32".parse().unwrap())));
    assert_eq!(own(&both, false), Ok(Some("10.0.1.0/24".parse().unwrap())));
    assert_eq!(own(&permission(json!({"DestCidrIp": "0.0.0.0/0"})), true), Ok(None));
    assert_eq!(own(&permission(json!({})), true), Ok(None));
    assert!(own(&permission(json!({"Ipv6DestCidrIp": "2001:db8::/32"})), true).unwrap().unwrap().addr().is_ipv6());
    assert!(own(&permission(json!({"DestCidrIp": "10.0.0.0/40"})), true).is_err());
}

#[test]
fn source_ports_are_none_where_all_are_meant() {
    for all in ["", "-1/-1", "1/65535", "0/65535"] {
        assert_eq!(source_ports(all), Ok(None), "{all}");
    }
    assert_eq!(source_ports("1024/65535").unwrap(), Ports::new(1024, 65535).ok());
    assert!(source_ports("8/0").is_err());
}
