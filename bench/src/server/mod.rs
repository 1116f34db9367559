//! The programs that are measured: started, pinned, watched, stopped.

mod apps;
pub(crate) mod bare;
mod browser;
mod callgrind;
mod endpoints;
mod hallpass;
pub(crate) mod hashing;
mod oidc_provider;
mod pgbench;
mod pinning;
mod program;
mod usage;
mod world;

pub(crate) use apps::{REDIRECT, SCOPE};
pub(crate) use bare::{Bare, Recorded};
pub(crate) use callgrind::Callgrind;
pub(crate) use endpoints::{Endpoints, Who};
pub(crate) use hallpass::{Engine, Hallpass};
pub(crate) use oidc_provider::OidcProvider;
pub(crate) use pgbench::Pgbench;
pub(crate) use pinning::{Cores, pin_myself};
pub(crate) use usage::Usage;
pub(crate) use world::World;
