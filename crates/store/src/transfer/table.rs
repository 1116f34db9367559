//! What there is to copy: every table with its columns, the same in both engines.
//!
//! A table is here before the tables that point at it. The keys of the installation come first, because
//! a copy that was cut off is known by them; the number of the last change comes last, because a database
//! without it is no whole one.

/// A table.
#[derive(Debug)]
pub struct Table {
    /// What it is called.
    pub name: &'static str,
    columns: &'static [Column],
    key: usize,
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// What it is called.
    pub name: &'static str,
    pub(crate) kind: Kind,
}

/// What a column holds, if it is not NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Bytes,
}

/// All tables, in the order in which they are copied.
pub static TABLES: [Table; 16] = [
    table(
        "sealed_key",
        1,
        &[
            integer("id"),
            text("purpose"),
            integer("active_from"),
            bytes("sealed"),
            integer("created_at"),
        ],
    ),
    table(
        "account",
        1,
        &[
            bytes("id"),
            text("username"),
            text("email"),
            text("password_hash"),
            text("status"),
            integer("created_at"),
        ],
    ),
    table("sign_in_name", 1, &[text("name"), bytes("account_id")]),
    table(
        "session",
        1,
        &[
            bytes("id"),
            bytes("account_id"),
            integer("created_at"),
            integer("expires_at"),
            integer("clients"),
        ],
    ),
    table(
        "session_client",
        2,
        &[
            bytes("session_id"),
            text("client_id"),
            bytes("account_id"),
            integer("expires_at"),
            integer("closed_at"),
            integer("attempts"),
            integer("due_at"),
        ],
    ),
    table(
        "client",
        1,
        &[
            text("id"),
            bytes("owner_id"),
            text("client_type"),
            text("secrets"),
            text("name"),
            text("description"),
            text("website"),
            text("redirect_uris"),
            text("grant_types"),
            text("scopes"),
            text("denial"),
            text("status"),
            integer("created_at"),
            text("pkce"),
            text("id_token_alg"),
            text("userinfo_alg"),
            text("subject_type"),
            text("post_logout_redirect_uris"),
            text("backchannel_logout_uri"),
        ],
    ),
    table("client_origin", 2, &[text("origin"), text("client_id")]),
    table(
        "consent",
        2,
        &[
            bytes("account_id"),
            text("client_id"),
            text("scopes"),
            bytes("authorization_id"),
            integer("given_at"),
            integer("last_used_at"),
        ],
    ),
    table("scope", 1, &[text("name"), integer("position"), text("text"), text("heading")]),
    table("api", 1, &[text("identifier"), text("format"), text("scopes"), text("introspector")]),
    table(
        "code",
        1,
        &[
            bytes("key"),
            bytes("authorization_id"),
            bytes("consent_id"),
            text("client_id"),
            bytes("account_id"),
            bytes("session_id"),
            text("redirect_uri"),
            text("scopes"),
            text("challenge"),
            integer("expires_at"),
            integer("redeemed_at"),
            text("resource"),
            integer("authenticated_at"),
            text("id_token_claims"),
            text("userinfo_claims"),
            text("nonce"),
        ],
    ),
    table("used_code", 1, &[bytes("key"), integer("used_at")]),
    table(
        "refresh_family",
        1,
        &[
            bytes("authorization_id"),
            bytes("consent_id"),
            text("client_id"),
            bytes("account_id"),
            text("scopes"),
            integer("generation"),
            integer("created_at"),
            integer("idle_until"),
            integer("absolute_until"),
            integer("ended_at"),
            text("resource"),
            bytes("session_id"),
            integer("authenticated_at"),
            text("id_token_claims"),
            text("userinfo_claims"),
        ],
    ),
    table(
        "profile",
        1,
        &[
            bytes("account_id"),
            text("name"),
            text("given_name"),
            text("family_name"),
            text("middle_name"),
            text("nickname"),
            text("profile"),
            text("picture"),
            text("website"),
            text("gender"),
            text("birthdate"),
            text("zoneinfo"),
            text("locale"),
            text("phone_number"),
            text("street_address"),
            text("locality"),
            text("region"),
            text("postal_code"),
            text("country"),
            integer("updated_at"),
            integer("phone_number_verified"),
            integer("email_verified"),
        ],
    ),
    table(
        "change",
        1,
        &[integer("seq"), text("kind"), bytes("key"), integer("at"), integer("until")],
    ),
    table("change_number", 1, &[integer("id"), integer("last")]),
];

impl Table {
    /// Its columns; those of the key come first.
    pub fn columns(&self) -> &'static [Column] {
        self.columns
    }

    /// The columns by which its rows are told apart and ordered.
    pub(crate) fn key(&self) -> &'static [Column] {
        &self.columns[..self.key]
    }

    pub(crate) fn count(&self) -> String {
        format!("SELECT COUNT(*) FROM {}", self.name)
    }

    pub(crate) fn first_page(&self) -> String {
        let key = names(self.key());
        format!("SELECT {} FROM {} ORDER BY {key} LIMIT {PAGE}", names(self.columns), self.name)
    }

    /// The page behind a key, whose values are numbered after `mark`.
    pub(crate) fn page_after(&self, mark: char) -> String {
        let (columns, key) = (names(self.columns), names(self.key()));
        let values = numbered(mark, self.key);
        let table = self.name;
        format!(
            "SELECT {columns} FROM {table} WHERE ({key}) > ({values}) ORDER BY {key} LIMIT {PAGE}"
        )
    }

    pub(crate) fn last_key(&self) -> String {
        let descending: Vec<_> =
            self.key().iter().map(|column| format!("{} DESC", column.name)).collect();
        let (key, order) = (names(self.key()), descending.join(", "));
        format!("SELECT {key} FROM {} ORDER BY {order} LIMIT 1", self.name)
    }
}

/// How many rows one question brings and one transaction writes: enough that the disk is waited for
/// seldom, few enough that a page of the largest rows is no burden.
pub const PAGE: usize = 2_000;

/// The names of columns, as a statement lists them.
pub(crate) fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// Places for `count` values: `?1, ?2` or `$1, $2`.
pub(crate) fn numbered(mark: char, count: usize) -> String {
    (1..=count).map(|number| format!("{mark}{number}")).collect::<Vec<_>>().join(", ")
}

const fn table(name: &'static str, key: usize, columns: &'static [Column]) -> Table {
    Table { name, columns, key }
}

const fn integer(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_of_several_columns_is_compared_as_one() {
        let consent = TABLES.iter().find(|table| table.name == "consent").unwrap();
        assert!(consent.page_after('$').ends_with(
            "WHERE (account_id, client_id) > ($1, $2) ORDER BY account_id, client_id LIMIT 2000"
        ));
        assert_eq!(
            consent.last_key(),
            "SELECT account_id, client_id FROM consent ORDER BY account_id DESC, client_id DESC LIMIT 1"
        );
    }

    #[test]
    fn the_keys_come_first_and_the_number_that_makes_it_whole_last() {
        let names = TABLES.each_ref().map(|table| table.name);
        assert_eq!((names.first(), names.last()), (Some(&"sealed_key"), Some(&"change_number")));
    }
}
