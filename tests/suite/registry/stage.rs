//! A service of a test's own at `r.example.com`, behind real TLS, and the shipping client that talks to it.

use std::sync::Arc;

use ackcheck_core::config::{Config, NetworkConfig, RegistryConfig};
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::seat;
use ackcheck_core::seat::registry::Conversation;
use ackcheck_core::secret::Scrubber;
use ackcheck_lab::dns::{self, records::Records};
use ackcheck_lab::gateway::{Gateway, malfunction::Malfunctions};
use ackcheck_lab::service::Service;
use ackcheck_live::image::ProbeImage;
use ackcheck_live::probe::layer::Layer;
use ackcheck_live::registry::{Pushes, Registry};
use ackcheck_live::wire::Wire;

use crate::support::canary::secret_free;
use crate::support::lab::install_tls_provider;

/// What one test needs of it; it ends with the test.
pub(super) struct Stage {
    _folder: tempfile::TempDir,
    _stop: tokio_util::sync::DropGuard,
    wire: Wire,
    pub(super) journal: Journal,
    pub(super) pushes: Pushes,
    pub(super) image: Arc<ProbeImage>,
}

impl Stage {
    pub(super) async fn with(service: Arc<dyn Service>) -> Stage {
        Stage::at("r.example.com/dss", service).await
    }

    /// The same under another URL of the repository.
    pub(super) async fn at(url: &str, service: Arc<dyn Service>) -> Stage {
        install_tls_provider();
        let folder = tempfile::tempdir().unwrap();
        let authority = Arc::new(ackcheck_lab::authority::Authority::new("impostors").unwrap());
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, authority.pem()).unwrap();
        let stop = tokio_util::sync::CancellationToken::new();
        let mut world = ackcheck_lab::world::World::healthy().unwrap();
        world.apply(&Fault::Set("/dns/records/*.example.com", "[\"10.9.9.9\"]")).unwrap();
        let dns = dns::serve(Arc::new(Records::of(&world).unwrap()), stop.clone()).await.unwrap();
        let gateway = Gateway::bind().await.unwrap();
        let address = gateway.address();
        gateway.serve(vec![service], Malfunctions::of(&world).unwrap(), authority, stop.clone()).unwrap();
        let config = Config {
            registry: Some(RegistryConfig {
                url: url.into(),
                username: Some("robot".into()),
                password: Some(Scrubber::default().secret("CANARY-robot")),
                try_layer_of: Some(3 << 20),
                ..RegistryConfig::default()
            }),
            network: NetworkConfig {
                ca_file: Some(ca_file),
                dns_servers: vec![dns],
                connect: vec![("*".into(), address)],
                ..Default::default()
            },
            ..Config::default()
        };
        Stage {
            _folder: folder,
            _stop: stop.drop_guard(),
            wire: Wire::new(Arc::new(config)).unwrap(),
            journal: Journal::new(Scrubber::default()),
            pushes: Pushes::default(),
            image: Arc::new(ProbeImage::of(Layer::of(b"\x7fELF").unwrap())),
        }
    }

    pub(super) fn seat(&self) -> Box<dyn seat::Registry> {
        Registry::open(&self.wire, Some(self.image.clone()), &self.pushes, self.journal.clone()).unwrap()
    }

    pub(super) async fn push(&self) -> Conversation {
        let conversation = self.seat().push().await.unwrap();
        self.secret_free(conversation)
    }

    pub(super) async fn login(&self) -> Conversation {
        let conversation = self.seat().login().await.unwrap();
        self.secret_free(conversation)
    }

    /// A conversation holds no secret, and neither does what was noted of it.
    fn secret_free(&self, conversation: Conversation) -> Conversation {
        let noted = format!("{:?} {conversation:?}", self.journal.take());
        secret_free("a conversation", &noted).unwrap();
        conversation
    }
}
