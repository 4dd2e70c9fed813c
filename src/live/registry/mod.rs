//! The registry seat on a real deployment: a Docker Registry v2 client that says at which step and which host it was
//! stopped. It speaks to token services (ACR) and to registries that take the password itself (htpasswd).
//!
//! What a push leaves: one repository, `<configured>/ackcheck-probe`, with one tag derived from the image's content. It is
//! kept, so that the nodes of later runs pull what is there, and because ACR's registries refuse `DELETE` anyway;
//! another tag comes only with another release of the probe. What current builders push is tried there too, without tags,
//! and removed where `DELETE` is taken. Remove the repository to be rid of it all.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::image::{ProbeImage, REPOSITORY};
use super::wire::Wire;
use ackcheck_core::config::RegistryConfig;
use ackcheck_core::evidence::Journal;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::registry::{BuildPush, Conversation, ImageLook, RegistryHost, RepositoryUrl};
use ackcheck_core::seat::temporary::acr_password_ends;
use ackcheck_core::seat::{self, Seen};
use ackcheck_core::secret::Secret;
use ackcheck_core::verdict::{Broken, Unseen};

mod builds;
pub(crate) mod challenge;
mod hosts;
mod images;
mod patience;
mod push;
mod pushes;
mod talk;
pub(crate) mod token;
mod words;

pub use pushes::Pushes;
use talk::Talk;

/// The registry of a real deployment.
pub struct Registry {
    wire: Wire,
    site: RegistryConfig,
    region: Option<String>,
    image: Option<Arc<ProbeImage>>,
    pushes: Pushes,
    journal: Journal,
}

/// Where the configured URL leads.
struct Place {
    /// `host` or `host:port`.
    host: String,
    /// The probe's repository on it: `namespace/ackcheck-probe`.
    repository: String,
}

impl Registry {
    /// Opens the seat for one case. `image` is what [`seat::Registry::push`] pushes; a build without a probe has none.
    pub fn open(
        wire: &Wire,
        image: Option<Arc<ProbeImage>>,
        pushes: &Pushes,
        journal: Journal,
    ) -> Seen<Box<dyn seat::Registry>> {
        let config = wire.config();
        let Some(site) = config.registry.clone() else {
            return Err(Unseen::not_described("the site file has no [registry]"));
        };
        let cloud_region = config.cloud.as_ref().and_then(|cloud| cloud.region.clone());
        let region = site.region.clone().or(cloud_region);
        Ok(Box::new(Registry { wire: wire.clone(), site, region, image, pushes: pushes.clone(), journal }))
    }

    fn place(&self) -> Seen<Place> {
        let text = self.site.url.trim().trim_end_matches('/');
        let (host, path) = text.split_once('/').unwrap_or((text, ""));
        // `https://host/namespace` ends up here with the host `https:`: registry-url says what is wrong with it.
        if host.is_empty() || host.ends_with(':') || host.contains('@') {
            return Err(Unseen::unreadable("[registry] url", format!("`{text}` is not of the form host/namespace")));
        }
        let repository = if path.is_empty() { REPOSITORY.to_owned() } else { format!("{path}/{REPOSITORY}") };
        Ok(Place { host: host.to_owned(), repository })
    }

    fn credentials(&self) -> Seen<(String, Secret)> {
        match (&self.site.username, &self.site.password) {
            (Some(user), Some(password)) => Ok((user.clone(), password.clone())),
            _ => Err(Unseen::not_given(
                "the site file gives no login for the registry",
                "[registry]\nusername = \"USER\"\npassword = { env = \"ACR_PASSWORD\" }",
            )),
        }
    }

    fn talk(&self) -> Seen<Talk> {
        Ok(Talk::new(self.wire.clone(), self.journal.clone(), self.place()?, self.credentials()?))
    }

    /// The same about another repository of the registry's host.
    fn talk_about(&self, repository: &str) -> Seen<Talk> {
        let place = Place { repository: repository.to_owned(), ..self.place()? };
        Ok(Talk::new(self.wire.clone(), self.journal.clone(), place, self.credentials()?))
    }

    fn built(&self) -> Seen<&Arc<ProbeImage>> {
        let missing = || Broken::Internal("this build of ackcheck carries no probe to push".to_owned());
        Ok(self.image.as_ref().ok_or_else(missing)?)
    }
}

#[async_trait]
impl seat::Registry for Registry {
    fn repository(&self) -> RepositoryUrl {
        let asked = format!("`url` of [registry] in {}", self.wire.config().file.display());
        self.journal.note(Vantage::Registry, asked, &self.site.url, Duration::ZERO);
        let expires = match (&self.site.username, &self.site.password) {
            (Some(user), Some(password)) => acr_password_ends(user, password),
            _ => None,
        };
        RepositoryUrl {
            text: self.site.url.clone(),
            region: self.region.clone(),
            username: self.site.username.clone(),
            expires,
        }
    }

    async fn login(&self) -> Seen<Conversation> {
        let mut talk = self.talk()?;
        let done = talk.log_in(None).await.is_ok();
        Ok(talk.end(done))
    }

    async fn login_with(&self, user: &str, password: &Secret) -> Seen<Conversation> {
        let login = (user.to_owned(), password.clone());
        let mut talk = Talk::new(self.wire.clone(), self.journal.clone(), self.place()?, login);
        let done = talk.log_in(None).await.is_ok();
        Ok(talk.end(done))
    }

    async fn push(&self) -> Seen<Conversation> {
        let image = self.built()?.clone();
        let talk = self.talk()?;
        self.pushes
            .see_through(async move |stop| {
                let mut talk = talk.until(stop);
                let done = push::push(&mut talk, &image).await.is_ok();
                talk.end(done)
            })
            .await
    }

    async fn push_builds(&self) -> Seen<Vec<BuildPush>> {
        let image = self.built()?.clone();
        let (talk, large) = (self.talk()?, self.site.try_layer_of);
        self.pushes.see_through(async move |stop| builds::push(&mut talk.until(stop), &image, large).await).await
    }

    async fn pull_hosts(&self) -> Seen<Vec<(RegistryHost, String)>> {
        hosts::find(&mut self.talk()?, self.built()?).await
    }

    async fn look_for(&self, repository: &str, reference: &str) -> Seen<ImageLook> {
        images::look_for(&mut self.talk_about(repository)?, reference).await
    }

    fn image(&self) -> Seen<String> {
        let image = self.built()?;
        image.reference(self.wire.config()).ok_or_else(|| Unseen::not_described("the site file has no [registry]"))
    }
}
