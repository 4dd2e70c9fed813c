//! The VPC's name servers, on a loopback port.
