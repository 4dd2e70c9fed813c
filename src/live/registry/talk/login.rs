//! Logging in: at the door, and wherever else a registry asks for it.

use http::Method;
use http::header::{AUTHORIZATION, HeaderValue};
use url::Url;

use super::super::challenge::{Challenge, trustworthy};
use super::super::token::{self, TokenReply};
use super::{Question, Stopped, Talk};
use crate::wire::authorization;
use ackcheck_core::place::Vantage;
use ackcheck_core::seat::registry::{RegistryAct, RegistryHost, answers_as_registry};
use ackcheck_core::seat::{HttpReply, NoReply};

/// The longest token used, in bytes: more than a header line takes is no token.
const LONGEST_TOKEN: usize = 32 << 10;

impl Talk {
    /// Gets in: the challenge, the token where one is asked for, and `GET /v2/` with it. `actions` on the probe's
    /// repository are asked for by name: `pull,push`.
    pub(in super::super) async fn log_in(&mut self, actions: Option<&'static str>) -> Result<(), Stopped> {
        self.actions = actions;
        let what = format!("ask {} how to log in", self.place.host);
        let question = Question::bare(RegistryAct::Challenge, what, Method::GET, self.url(""));
        let speaks = |reply: &HttpReply| reply.status == 401 || answers_as_registry(reply);
        let reply = self.ask(question, speaks).await?;
        if reply.status == 200 {
            // An open registry: no password is needed or sent until it asks for one.
            return Ok(());
        }
        let Some(challenge) = Challenge::of(&reply) else { return self.spoil() };
        self.take_up(&challenge).await?;
        let what = format!("log in to {} as {}", self.place.host, self.user);
        let question = Question::bare(RegistryAct::Enter, what, Method::GET, self.url(""));
        self.ask(question, answers_as_registry).await.map(drop)
    }

    /// True for a challenge that can be met with something that was not shown yet: a password is the same again.
    pub(super) fn is_news(&self, challenge: &Challenge) -> bool {
        *challenge != Challenge::Basic || self.authorization.as_ref() != Some(&self.basic())
    }

    /// Gets what a challenge asks for, to be shown from now on.
    pub(super) async fn take_up(&mut self, challenge: &Challenge) -> Result<(), Stopped> {
        match challenge {
            Challenge::Basic => {
                self.authorization = Some(self.basic());
                Ok(())
            }
            Challenge::Bearer { realm, service, scope } => {
                let scopes = self.scopes(scope.as_deref());
                self.fetch_token(realm, service.as_deref(), &scopes).await
            }
        }
    }

    /// What a token is asked for: what this conversation is about, and what the challenge names besides.
    fn scopes(&self, of_challenge: Option<&str>) -> Vec<String> {
        let own = self.actions.map(|actions| format!("repository:{}:{actions}", self.place.repository));
        let mut scopes: Vec<String> = own.into_iter().collect();
        for scope in of_challenge.into_iter().flat_map(str::split_whitespace) {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        scopes
    }

    fn basic(&self) -> HeaderValue {
        authorization("Basic", &self.journal.scrubber().basic(&self.user, self.password.expose()))
    }

    async fn fetch_token(&mut self, realm: &str, service: Option<&str>, scopes: &[String]) -> Result<(), Stopped> {
        let what = match scopes {
            [] => format!("get a token as {}", self.user),
            scopes => format!("get a token for {} as {}", scopes.join(" "), self.user),
        };
        let (act, host) = (RegistryAct::Token, RegistryHost::TokenService);
        let url = match trustworthy(realm) {
            Ok(url) => self.token_url(url, service, scopes),
            Err(said) => {
                let heard = Err(NoReply::Garbled { said });
                return self.write_down(act, what, host, realm.to_owned(), heard, false).map(drop);
            }
        };
        let shown = url.to_string();
        let mut request = reqwest::Request::new(Method::GET, url);
        request.headers_mut().insert(AUTHORIZATION, self.basic());
        // The answer is a secret that is not known yet: it is noted in a journal of its own, which is thrown away.
        let aside = self.journal.aside();
        let mut heard = self.insist(&aside, request).await;
        let took = aside.take().iter().map(|evidence| evidence.took).sum();
        let mut ok = false;
        let said = match &mut heard {
            Ok(reply) if reply.status == 200 => {
                let found = self.keep_token(&reply.body, !scopes.is_empty());
                ok = found.is_some();
                let said = found.unwrap_or_else(|| format!("no token in an answer of {} bytes", reply.body.len()));
                reply.body = said.clone();
                format!("200 {said}")
            }
            Ok(reply) => {
                reply.body = self.journal.scrubber().scrub(&reply.body);
                format!("{} {}", reply.status, reply.body)
            }
            Err(no_reply) => no_reply.to_string(),
        };
        self.journal.note(Vantage::Registry, format!("GET {shown}"), said, took);
        self.write_down(act, what, host, shown, heard, ok).map(drop)
    }

    fn token_url(&self, mut url: Url, service: Option<&str>, scopes: &[String]) -> Url {
        let mut query = url.query_pairs_mut();
        query.append_pair("account", &self.user).append_pair("client_id", "ackcheck");
        if let Some(service) = service {
            query.append_pair("service", service);
        }
        for scope in scopes {
            query.append_pair("scope", scope);
        }
        drop(query);
        url
    }

    /// Keeps the token of an answer and says what it is good for; never what it is.
    fn keep_token(&mut self, body: &str, scoped: bool) -> Option<String> {
        let reply = TokenReply::parse(body)?;
        let tokens = reply.tokens(self.journal.scrubber());
        let token = tokens.first().filter(|token| token.expose().len() <= LONGEST_TOKEN)?;
        self.authorization = Some(authorization("Bearer", token)).filter(|header| !header.is_empty());
        self.authorization.as_ref()?;
        self.granted = token::granted(token, &self.place.repository);
        let granted = match &self.granted {
            _ if !scoped => "no repository was asked for".to_owned(),
            None => "it does not say what it grants".to_owned(),
            Some(actions) if actions.is_empty() => format!("it grants nothing on {}", self.place.repository),
            Some(actions) => format!("it grants {} on {}", actions.join(","), self.place.repository),
        };
        let lasts = reply.expires_in.map_or_else(String::new, |seconds| format!(" for {seconds} s"));
        Some(format!("a token{lasts}; {granted}"))
    }
}
