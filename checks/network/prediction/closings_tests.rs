//! From links to ports: which is named, and what is uncertain.

use ackcheck_core::seat::Ports;

use super::*;

fn layer(ports: &str, link: Link, surely: bool) -> Layer {
    let why = format!("{link:?}");
    Layer { closing: Closing { ports: ports.parse().unwrap(), link, why }, surely }
}

fn ports(list: &[Closing]) -> Vec<(Ports, Link)> {
    list.iter().map(|closing| (closing.ports, closing.link)).collect()
}

fn of(text: &str, link: Link) -> (Ports, Link) {
    (text.parse().unwrap(), link)
}

#[test]
fn the_first_link_that_surely_closes_a_port_is_named() {
    use Link::{HostGroups, SenderGroups};
    let layers =
        [layer("1-100", HostGroups, true), layer("50-200", SenderGroups, true), layer("90-300", SenderGroups, false)];
    let predicted = first_links(&layers);
    assert_eq!(ports(&predicted.closed), [of("1-49", HostGroups), of("50-200", SenderGroups)]);
    assert_eq!(ports(&predicted.uncertain), [of("201-300", SenderGroups)]);
    assert_eq!(ports(&first_links(&[layer("65535", HostGroups, true)]).closed), [of("65535", HostGroups)]);
    assert_eq!(first_links(&[]), Predicted::default());
}

#[test]
fn of_two_senders_only_what_both_cannot_reach_is_closed() {
    use Link::HostGroups;
    let one = first_links(&[layer("1-100", HostGroups, true)]);
    let other = first_links(&[layer("51-200", HostGroups, true)]);
    let both = of_any_sender(vec![one.clone(), other]);
    assert_eq!(ports(&both.closed), [of("51-100", HostGroups)]);
    assert_eq!(ports(&both.uncertain), [of("1-50", HostGroups), of("101-200", HostGroups)]);
    let with_open = of_any_sender(vec![one, Predicted::default()]);
    assert_eq!((with_open.closed.len(), ports(&with_open.uncertain)), (0, vec![of("1-100", HostGroups)]));
}
