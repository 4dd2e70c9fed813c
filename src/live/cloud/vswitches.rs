//! The vSwitches of a VPC.

use super::answers::VSwitch;
use super::call::{Call, Paging, VPC};
use super::openapi::Account;
use ackcheck_core::evidence::Journal;
use ackcheck_core::seat::Seen;

const NUMBERED: Paging = Paging::Number { number: "PageNumber", size: ("PageSize", "50"), total: "/TotalCount" };

/// Every vSwitch of a VPC.
pub(super) async fn vswitches(account: &Account, journal: &Journal, region: &str, vpc: &str) -> Seen<Vec<VSwitch>> {
    let call = Call::rpc(&VPC, "DescribeVSwitches", region).with("VpcId", vpc);
    account.list(journal, &call, "/VSwitches/VSwitch", NUMBERED).await
}
