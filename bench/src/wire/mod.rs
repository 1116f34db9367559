//! HTTP/1.1 on kept-alive connections, as little of it as the measured servers speak: requests are
//! bytes made beforehand, answers have a length. A load that costs as much as what it measures would
//! measure itself.

mod answer;
mod connection;
mod request;

pub(crate) use answer::{Answer, Kept};
pub(crate) use connection::Connection;
pub(crate) use request::{Ending, Request, form};
