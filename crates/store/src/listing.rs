//! Lists, a page at a time.

use hallpass_protocol::model::{Client, Consent, Timestamp};

/// A client with what an account allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentedClient {
    /// Who.
    pub client: Client,
    /// What.
    pub consent: Consent,
    /// When it last got a token by an approval, a code or a refresh.
    pub last_used_at: Timestamp,
}

/// Which rows of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows to pass over.
    pub offset: u32,
    /// How many rows at the most.
    pub limit: u32,
}

/// One page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// How many rows there are on all pages.
    pub total: u64,
}
