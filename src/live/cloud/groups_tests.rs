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
    assert_eq!(peer(&permission(all)), Ok(Peer::Range("10.0.0.5/32".parse().unwrap())));
    let two =
        json!({"Direction": "egress", "DestGroupId": "sg-1", "DestPrefixListId": "pl-1", "SourceCidrIp": "10.0.0.0/8"});
    assert_eq!(peer(&permission(two)), Ok(Peer::Group("sg-1".to_owned())));
    let none = json!({"Direction": "ingress", "SourceCidrIp": null});
    assert!(peer(&permission(none)).is_err());
}
