//! The VPC's name servers, on a loopback port.

pub mod records;
mod world;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{HeaderCounts, Metadata, ResponseCode};
use hickory_server::proto::rr::{RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo, Server};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};
use tokio_util::sync::CancellationToken;

use super::service::{Opened, Reach, Service};
use super::site_file::quoted;
use super::world::World;
use records::Records;

/// The name servers.
pub(crate) struct Dns {
    records: Arc<Records>,
}

impl Dns {
    /// As the world has them.
    pub(crate) fn new(world: &World) -> anyhow::Result<Dns> {
        Ok(Dns { records: Arc::new(Records::of(world)?) })
    }
}

#[async_trait]
impl Service for Dns {
    async fn open(self: Arc<Self>, _: &Path, stop: &CancellationToken) -> anyhow::Result<Opened> {
        let at = serve(self.records.clone(), stop.clone()).await?;
        let how = format!("dig @{} -p {} dss.lab.internal", at.ip(), at.port());
        Ok(Opened { site: vec![("dns", quoted(at))], reach: vec![Reach { service: "Name server", how }] })
    }
}

/// Answers on UDP and TCP of one loopback port until `stop`; says which.
///
/// # Errors
/// If no loopback port is free for both.
pub async fn serve(records: Arc<Records>, stop: CancellationToken) -> anyhow::Result<SocketAddr> {
    // The same port is needed twice, and a port that is free for UDP can be in use for TCP.
    for _ in 0..32 {
        let udp = UdpSocket::bind(("127.0.0.1", 0)).await?;
        let address = udp.local_addr()?;
        let Ok(tcp) = TcpListener::bind(address).await else { continue };
        let mut server = Server::new(NameServer(records));
        server.register_socket(udp);
        server.register_listener(tcp, Duration::from_secs(5), 32);
        tokio::spawn(async move {
            stop.cancelled().await;
            let _ = server.shutdown_gracefully().await;
        });
        return Ok(address);
    }
    anyhow::bail!("no loopback port is free for both UDP and TCP")
}

struct NameServer(Arc<Records>);

impl NameServer {
    async fn respond<R: ResponseHandler>(&self, request: &Request, mut to: R) -> anyhow::Result<ResponseInfo> {
        let info = request.request_info().context("a query")?;
        let name = info.query.name().to_string().trim_end_matches('.').to_ascii_lowercase();
        let mut metadata = Metadata::response_from_request(info.metadata);
        metadata.authoritative = true;
        let owner = info.query.name().clone().into();
        let addresses = self.0.get(&name);
        if addresses.is_none() {
            metadata.response_code = ResponseCode::NXDomain;
        }
        let answers: Vec<Record> = addresses
            .unwrap_or_default()
            .iter()
            .filter_map(|address| match (info.query.query_type(), address) {
                (RecordType::A, IpAddr::V4(v4)) => Some(RData::A((*v4).into())),
                (RecordType::AAAA, IpAddr::V6(v6)) => Some(RData::AAAA((*v6).into())),
                _ => None,
            })
            .map(|data| Record::from_rdata(hickory_server::proto::rr::Name::clone(&owner), 60, data))
            .collect();
        let none: [Record; 0] = [];
        let response =
            MessageResponseBuilder::from_message_request(request).build(metadata, &answers, &none, &none, &none);
        Ok(to.send_response(response).await?)
    }
}

#[async_trait::async_trait]
impl RequestHandler for NameServer {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, to: R) -> ResponseInfo {
        match self.respond(request, to).await {
            Ok(info) => info,
            // There is nobody to report it to: the client sees a name server that does not answer.
            Err(_) => ResponseInfo::from(hickory_server::proto::op::Header {
                metadata: Metadata::response_from_request(&request.metadata),
                counts: HeaderCounts::default(),
            }),
        }
    }
}
