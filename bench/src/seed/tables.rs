//! The rows, table by table, each in the order of its key: a tree that grows at its end is written once.

use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::{Connection, Statement, params};

use super::population::{Population, app_id, cookie_value};
use crate::server::{REDIRECT, SCOPE};

/// When everything was made, and until when it lasts, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) now: i64,
    pub(super) end: i64,
}

/// A kind of row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows {
    /// People.
    Accounts,
    /// What they sign in with: a name and an address each.
    Names,
    /// Their browsers.
    Sessions,
    /// Apps.
    Apps,
    /// Where those live.
    Origins,
    /// What people allowed apps.
    Consents,
    /// What apps renew with.
    Families,
}

impl Rows {
    /// All, so that what is referred to comes first.
    pub(super) const ALL: [Self; 7] = [
        Self::Accounts,
        Self::Names,
        Self::Sessions,
        Self::Apps,
        Self::Origins,
        Self::Consents,
        Self::Families,
    ];

    /// Their table.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Accounts => "account",
            Self::Names => "sign_in_name",
            Self::Sessions => "session",
            Self::Apps => "client",
            Self::Origins => "client_origin",
            Self::Consents => "consent",
            Self::Families => "refresh_family",
        }
    }

    const fn columns(self) -> &'static str {
        match self {
            Self::Accounts => "id, username, email, password_hash, status, created_at",
            Self::Names => "name, account_id",
            Self::Sessions => "id, account_id, created_at, expires_at",
            Self::Apps => {
                "id, owner_id, client_type, secrets, name, description, website, redirect_uris, \
                 grant_types, scopes, denial, status, created_at, pkce"
            }
            Self::Origins => "origin, client_id",
            Self::Consents => {
                "account_id, client_id, scopes, authorization_id, given_at, last_used_at"
            }
            Self::Families => {
                "authorization_id, consent_id, client_id, account_id, scopes, generation, \
                 created_at, idle_until, absolute_until, ended_at, resource"
            }
        }
    }

    /// How many.
    pub(super) const fn count(self, all: Population) -> u64 {
        match self {
            Self::Accounts => all.accounts(),
            Self::Names => 2 * all.accounts(),
            Self::Sessions | Self::Consents | Self::Families => all.sessions,
            Self::Apps | Self::Origins => all.apps,
        }
    }

    /// The statement that adds one.
    ///
    /// # Errors
    /// The table has other columns.
    pub(super) fn insert(self, connection: &Connection) -> rusqlite::Result<Statement<'_>> {
        let columns = self.columns();
        let marks = vec!["?"; columns.split(',').count()].join(", ");
        let table = self.table();
        connection.prepare(&format!("INSERT INTO {table} ({columns}) VALUES ({marks})"))
    }

    /// Their numbers, in the order of their keys. A session's key is a digest and has an order of its
    /// own.
    pub(super) fn numbers(self, all: Population) -> Box<dyn Iterator<Item = u64>> {
        match self {
            Self::Sessions => {
                let mut keyed: Vec<([u8; 32], u64)> =
                    (0..all.sessions).map(|number| (session_id(number), number)).collect();
                keyed.sort_unstable();
                Box::new(keyed.into_iter().map(|(_, number)| number))
            }
            _ => Box::new(0..self.count(all)),
        }
    }

    /// Adds the row of that number.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn add(
        self,
        insert: &mut Statement<'_>,
        number: u64,
        all: Population,
        times: Times,
    ) -> rusqlite::Result<usize> {
        let Times { now, end } = times;
        let account = id(Kind::Account, Population::account_of(number));
        match self {
            Self::Accounts => {
                let (name, address) = (username(number), address(number));
                let id = id(Kind::Account, number);
                insert.execute(params![id, name, address, NO_PASSWORD, "active", now])
            }
            Self::Names => {
                let owner = number / 2;
                let name = if number.is_multiple_of(2) { username(owner) } else { address(owner) };
                insert.execute(params![name, id(Kind::Account, owner)])
            }
            Self::Sessions => insert.execute(params![session_id(number), account, now, end]),
            Self::Apps => add_app(insert, number, now),
            Self::Origins => insert.execute(params![ORIGIN, app_id(number)]),
            Self::Consents => {
                let (app, consent) = (app_id(all.app_of(number)), id(Kind::Consent, number));
                insert.execute(params![account, app, SCOPE, consent, now, now])
            }
            Self::Families => {
                let (family, consent) = (id(Kind::Family, number), id(Kind::Consent, number));
                let app = app_id(all.app_of(number));
                insert.execute(params![
                    family,
                    consent,
                    app,
                    account,
                    SCOPE,
                    0,
                    now,
                    end,
                    end,
                    None::<i64>,
                    None::<&str>
                ])
            }
        }
    }
}

/// An app of one page, which may do all that is measured.
fn add_app(insert: &mut Statement<'_>, number: u64, now: i64) -> rusqlite::Result<usize> {
    let grants = "implicit authorization_code refresh_token";
    let (id, owner, nothing) = (app_id(number), id(Kind::Account, 0), None::<&str>);
    insert.execute(params![
        id, owner, "public", "", "Seeded", "", nothing, REDIRECT, grants, nothing, "query",
        "active", now, "required"
    ])
}

/// Nobody signs in as one of these.
const NO_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The origin of [`REDIRECT`].
const ORIGIN: &str = "https://page.example";

#[derive(Clone, Copy)]
enum Kind {
    Account = 1,
    Consent = 2,
    Family = 3,
}

/// An id in the form of a UUID of version 7: they sort by their numbers.
fn id(kind: Kind, number: u64) -> [u8; 16] {
    let mut id = [0x01, 0x9a, 0, 0, 0, kind as u8, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
    id[10..].copy_from_slice(&number.to_be_bytes()[2..]);
    id
}

fn username(account: u64) -> String {
    format!("seeded-{account:08}")
}

fn address(account: u64) -> String {
    format!("{}@people.example", username(account))
}

fn session_id(number: u64) -> [u8; 32] {
    let mut id = [0; 32];
    id.copy_from_slice(digest(&SHA256, cookie_value(number).as_bytes()).as_ref());
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_their_order() {
        let all = Population { sessions: 50, apps: 10 };
        let keys: Vec<_> = Rows::Sessions.numbers(all).map(session_id).collect();
        assert!(keys.is_sorted() && keys.len() == 50);
        assert!(id(Kind::Account, 255) < id(Kind::Account, 256));
        assert!(username(1) < address(1) && address(1) < username(2));
    }
}
