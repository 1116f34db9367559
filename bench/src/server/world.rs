//! A measured server with people who are signed in and have agreed: what the walks start from.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::apps::{PAGE_APP, PEOPLE};
use super::browser::{SignInForm, sign_in};
use super::endpoints::{Endpoints, Who};
use super::hallpass::Hallpass;
use crate::wire::{Connection, Request};

/// What is known about a server that is about to be measured.
pub(crate) struct World {
    /// What can be asked.
    pub(crate) endpoints: Endpoints,
    people: Vec<Who>,
    address: SocketAddr,
    api: Option<SocketAddr>,
}

/// How many browsers sign in. Beyond that, connections share them: signing in is slow on purpose.
const MOST_BROWSERS: usize = 8;

impl World {
    /// Signs in a browser for each connection there will be, up to a bound, and lets everybody agree
    /// once.
    ///
    /// # Errors
    /// The server does not do what it should.
    pub(crate) async fn prepare(hallpass: &Hallpass, connections: usize) -> anyhow::Result<Self> {
        let Hallpass { address, api, .. } = *hallpass;
        let endpoints = Endpoints::at(address);
        let mut connection = Connection::open(address).await?;
        let mut people = Vec::new();
        for number in 0..connections.min(MOST_BROWSERS) {
            let cookie = sign_in(&mut connection, &address.to_string(), number).await?;
            people.push(Who { cookie, app: PAGE_APP.to_owned() });
        }
        for who in people.iter().take(PEOPLE) {
            endpoints.token(who).await.context("nobody could agree")?;
        }
        Ok(Self { endpoints, people, address, api })
    }

    /// Who uses the `number`th connection.
    pub(crate) fn person(&self, number: usize) -> &Who {
        &self.people[number % self.people.len()]
    }

    /// A call of the sample API, which runs beside the server.
    ///
    /// # Errors
    /// It does not run.
    pub(crate) fn api_call(&self, token: &str) -> anyhow::Result<Request> {
        let api = self.api.context("the sample API does not run")?.to_string();
        Ok(Request::get(&api, "/v1/me").header("authorization", &format!("Bearer {token}")))
    }

    /// A sign-in form, filled in.
    ///
    /// # Errors
    /// The page is not there.
    pub(crate) async fn sign_in(&self, number: usize) -> anyhow::Result<Request> {
        let mut connection = Connection::open(self.address).await?;
        Ok(SignInForm::load(&mut connection, &self.address.to_string(), number).await?.request)
    }
}
