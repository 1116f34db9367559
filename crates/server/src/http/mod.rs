//! HTTP as Hallpass speaks it: cookies, forms, redirects, pages. Knows no rule of the protocol.

pub(crate) mod basic;
pub(crate) mod client;
pub(crate) mod cookie;
pub(crate) mod cors;
pub(crate) mod form;
pub(crate) mod form_token;
pub(crate) mod json;
pub(crate) mod onward;
pub(crate) mod page;
pub(crate) mod paging;
pub(crate) mod person;
pub(crate) mod published;
pub(crate) mod redirect;
pub(crate) mod reference;
pub(crate) mod session_cookie;
pub(crate) mod visitor;
