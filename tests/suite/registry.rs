//! The shipping registry client against the lab's registry: what it does, whom it shows its credentials, what it says.

use std::sync::Arc;

use ackcheck::site::Site;
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::Fault;
use ackcheck_core::seat::registry::{Conversation, RegistryAct, RegistryHost};
use ackcheck_core::seat::{self, NoReply};
use ackcheck_core::secret::Scrubber;
use ackcheck_live::image::ProbeImage;
use ackcheck_live::probe::layer::Layer;
use ackcheck_live::registry::{Pushes, Registry};
use ackcheck_live::wire::Wire;

use crate::support::canary::secret_free;
use crate::support::seats;

mod builds;
mod docker_sees;
mod images;
mod impostors;
mod interrupted;
mod not_judged;
mod small;
mod stage;

/// A lab with the seat on its registry.
struct Bench {
    _site: Site,
    wire: Wire,
    journal: Journal,
}

impl Bench {
    async fn with(faults: &[Fault]) -> Bench {
        let site = seats::site(faults).await;
        let wire = Wire::new(site.config.clone()).unwrap();
        Bench { _site: site, wire, journal: Journal::new(Scrubber::default()) }
    }

    fn seat(&self) -> Box<dyn seat::Registry> {
        let image = ProbeImage::of(Layer::of(b"\x7fELF a probe").unwrap());
        Registry::open(&self.wire, Some(Arc::new(image)), &Pushes::default(), self.journal.clone()).unwrap()
    }

    /// A conversation holds no secret, and neither does what was noted of it.
    fn secret_free(&self, conversation: &Conversation) {
        let noted = format!("{:?} {conversation:?}", self.journal.take());
        secret_free("a conversation", &noted).unwrap();
        for secret in ["eyJ", "Bearer e"] {
            assert!(!noted.contains(secret), "{secret} in {noted}");
        }
    }

    async fn push(&self) -> Conversation {
        let conversation = self.seat().push().await.unwrap();
        self.secret_free(&conversation);
        conversation
    }

    async fn login(&self) -> Conversation {
        let conversation = self.seat().login().await.unwrap();
        self.secret_free(&conversation);
        conversation
    }
}

fn acts(conversation: &Conversation) -> Vec<RegistryAct> {
    conversation.steps.iter().map(|step| step.act).collect()
}

const TOKENS: &str = "dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com";

#[tokio::test]
async fn logs_in_by_challenge_token_and_entry() {
    let login = Bench::with(&[]).await.login().await;
    assert!(login.done, "{login:?}");
    assert_eq!(acts(&login), [RegistryAct::Challenge, RegistryAct::Token, RegistryAct::Enter]);
    assert_eq!((login.steps[1].host, login.steps[1].host_name()), (RegistryHost::TokenService, TOKENS));
}

#[tokio::test]
async fn pushes_what_is_missing_and_writes_something_every_time() {
    let bench = Bench::with(&[]).await;
    let first = bench.push().await;
    assert!(first.done, "{first:?}");
    assert_eq!(first.granted.as_deref(), Some(&["pull".to_owned(), "push".to_owned()][..]));
    let uploads = |push: &Conversation| push.steps.iter().filter(|step| step.act == RegistryAct::Upload).count();
    assert_eq!(uploads(&first), 2);
    let again = bench.push().await;
    assert!(again.done, "{again:?}");
    assert_eq!(uploads(&again), 1);
    assert!(
        bench.seat().image().unwrap().starts_with("lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/ackcheck-probe:")
    );
}

#[tokio::test]
async fn says_where_and_why_it_was_stopped() {
    let refused =
        Fault::Add("/gateway/broken", r#"{"host":"dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com","how":"refused"}"#);
    let login = Bench::with(&[refused]).await.login().await;
    let stopped = login.stopped_at().unwrap();
    assert_eq!((stopped.act, stopped.host), (RegistryAct::Token, RegistryHost::TokenService));
    assert!(matches!(stopped.heard, Err(NoReply::Refused { .. })), "{stopped:?}");

    let login = Bench::with(&[Fault::Set("/registry/password", "\"changed\"")]).await.login().await;
    let stopped = login.stopped_at().unwrap();
    assert!(stopped.act == RegistryAct::Token && stopped.refused(), "{stopped:?}");
    assert_eq!(stopped.said(), "401 UNAUTHORIZED: authentication required");

    let denied = Fault::Add("/registry/denied", r#"{"repository":"dss/*","action":"push"}"#);
    let push = Bench::with(&[denied]).await.push().await;
    assert_eq!(push.stopped_at().unwrap().act, RegistryAct::StartUpload);
    assert_eq!(push.granted.as_deref(), Some(&["pull".to_owned()][..]));

    let push = Bench::with(&[Fault::Remove("/registry/namespaces/dss")]).await.push().await;
    assert_eq!(push.stopped_at().unwrap().said(), "403 DENIED: requested access to the resource is denied");
    assert_eq!(push.repository_is_there(), Some(false));

    let immutable = Fault::Set("/registry/namespaces/dss/tag_immutable", "true");
    let push = Bench::with(&[immutable]).await.push().await;
    assert_eq!(push.stopped_at().unwrap().act, RegistryAct::Overwrite);
}
