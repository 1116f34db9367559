//! Two real nodes on one PostgreSQL behind a real nginx with `packaging/nginx/two-nodes.conf`: what one
//! does the other knows, a node that is killed takes nothing with it that was acknowledged, a restart that
//! is planned loses no request, and a database that goes away is told and comes back.
//!
//! Run it with `scripts/with-postgres cargo test -p hallpass --test nodes`. Each test has a schema, two
//! processes and a proxy of its own, and waits for what comes, never by the clock.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod app;
mod flow;
mod loss;
mod outage;
mod schema;
mod site;
// The programs' own tests use the rest of it.
#[allow(dead_code, unused_imports)]
#[path = "../command/support/mod.rs"]
mod support;
mod way;
