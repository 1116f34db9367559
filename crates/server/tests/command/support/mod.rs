//! What the stories need: a program that runs, and a browser that visits it.

mod browser;
mod program;
mod schema;
mod town;

pub(crate) use browser::{Answer, Browser, UnderWay};
pub(crate) use program::{Program, Workshop, taken_port};
pub(crate) use schema::Schema;
pub(crate) use town::{Town, field, send};
