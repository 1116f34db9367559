//! A SQLite database with rows of every kind, and what is in one.

use std::path::Path;

use hallpass_store::SqliteStore;
use hallpass_store::transfer::{PAGE, TABLES};
use rusqlite::{Connection, params};

/// More than two pages.
pub(crate) const SESSIONS: usize = 2 * PAGE + 7;

/// One row with a value in every column and one with NULL wherever there may be one, in every table; the
/// least and the greatest numbers, texts that are empty or of any script, bytes of any value.
const ROWS: &str = "
    INSERT INTO sealed_key (id, purpose, active_from, sealed, created_at) VALUES
        (1, 'token', 5, x'00ff00', 5), (4294967295, 'cookie', 9223372036854775807, x'', 6);
    INSERT INTO account (id, username, email, password_hash, status, created_at) VALUES
        (x'00000000000000000000000000000000', 'ada', 'ada@mail.example', '$argon2id$…', 'active',
            -9223372036854775808),
        (x'ffffffffffffffffffffffffffffffff', 'Zoë 👋', 'zoë@mail.example', '', 'disabled',
            9223372036854775807);
    INSERT INTO sign_in_name (name, account_id) VALUES
        ('ada', x'00000000000000000000000000000000'), ('ZOË 👋', x'ffffffffffffffffffffffffffffffff');
    INSERT INTO client (id, owner_id, client_type, secrets, name, description, website,
            redirect_uris, grant_types, scopes, denial, status, created_at, pkce, id_token_alg,
            userinfo_alg, subject_type, post_logout_redirect_uris, backchannel_logout_uri) VALUES
        ('one', x'00000000000000000000000000000000', 'public', 'a b', 'Τραγούδι', '', NULL,
            'https://one.example/' || char(10) || 'http://127.0.0.1/', '', NULL, 'query', 'active', 0,
            'required', 'RS256', NULL, 'public', '', NULL),
        ('two', x'ffffffffffffffffffffffffffffffff', 'confidential', '', '音楽', 'a ''quoted'' \\ \"text\"',
            'https://two.example', '', 'implicit', '', 'fragment', 'disabled', -1, 'optional',
            'EdDSA', 'ES256', 'pairwise', 'https://two.example/' || char(10) || 'https://two.example/out',
            'https://two.example/logout');
    INSERT INTO client_origin (origin, client_id) VALUES
        ('https://one.example', 'one'), ('http://127.0.0.1', 'one'), ('https://one.example', 'two');
    INSERT INTO consent (account_id, client_id, scopes, authorization_id, given_at, last_used_at) VALUES
        (x'00000000000000000000000000000000', 'one', '', x'01', 1, 9223372036854775807),
        (x'00000000000000000000000000000000', 'two', 'a b', x'02', 2, 2),
        (x'ffffffffffffffffffffffffffffffff', 'one', 'a', x'03', 3, 3);
    INSERT INTO scope (name, position, text, heading) VALUES ('a', 0, '', ''), ('b', 1, 'läsa', 'data');
    INSERT INTO api (identifier, format, scopes, introspector) VALUES
        ('https://api.example', 'opaque', '', NULL), ('https://b.example', 'EdDSA', 'a', 'two');
    INSERT INTO code (key, authorization_id, consent_id, client_id, account_id, session_id, redirect_uri,
            scopes, challenge, expires_at, redeemed_at, resource, authenticated_at, id_token_claims,
            userinfo_claims, nonce) VALUES
        (x'00', x'01', x'01', 'one', x'00000000000000000000000000000000', x'07', '', '', NULL, 1, NULL, NULL,
            NULL, NULL, NULL, NULL),
        (x'ff', x'02', x'02', 'two', x'00000000000000000000000000000000', x'08', 'https://two.example/',
            'a', 'challenge', 2, 3, 'https://api.example', 9223372036854775807, 'email name', 'email', 'nönce');
    INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes, generation,
            created_at, idle_until, absolute_until, ended_at, resource, session_id, authenticated_at,
            id_token_claims, userinfo_claims) VALUES
        (x'01', x'01', 'one', x'00000000000000000000000000000000', '', 0, 1, 2, 3, NULL, NULL,
            NULL, NULL, NULL, NULL),
        (x'03', x'03', 'one', x'ffffffffffffffffffffffffffffffff', 'a', 9223372036854775807, 1, 2, 3, 4,
            'https://api.example', x'08', -1, 'email', 'name email');
    INSERT INTO profile (account_id, name, given_name, family_name, middle_name, nickname, profile, picture,
            website, gender, birthdate, zoneinfo, locale, phone_number, street_address, locality, region,
            postal_code, country, updated_at, phone_number_verified, email_verified) VALUES
        (x'00000000000000000000000000000000', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -1, 0, 1),
        (x'ffffffffffffffffffffffffffffffff', 'Zoë Ω', 'Zoë', 'Ω', '', '👋', 'https://zoë.example/', 'p',
            'w', 'g', '0000-02-29', 'Europe/Berlin', 'de-CH', '+41', '1' || char(10) || '2', 'l', 'r', 'c',
            'ch', 9223372036854775807, 1, 0);
    INSERT INTO change (seq, kind, key, at, until) VALUES (41, 'client', x'6f6e65', 1, 2), (42, 'keys', x'', 3, 4);
    INSERT INTO session_client (session_id, client_id, account_id, expires_at, closed_at, attempts, due_at)
        VALUES (x'07', 'one', x'00000000000000000000000000000000', 1, NULL, 0, NULL),
            (x'07', 'two', x'ffffffffffffffffffffffffffffffff', 2, 3, 9223372036854775807, 4);
    INSERT INTO used_code (key, used_at) VALUES (x'00', 1), (x'ff', 9223372036854775807);
    UPDATE change_number SET last = 42;";

/// Makes a database with rows in every table.
pub(crate) fn fill(path: &Path) {
    drop(SqliteStore::open(path).unwrap());
    let mut database = Connection::open(path).unwrap();
    database.pragma_update(None, "foreign_keys", true).unwrap();
    let rows = database.transaction().unwrap();
    rows.execute_batch(ROWS).unwrap();
    for number in 0..SESSIONS {
        let sql =
            "INSERT INTO session (id, account_id, created_at, expires_at) VALUES (?1, ?2, 1, 2)";
        rows.execute(sql, params![number.to_le_bytes(), [0_u8; 16]]).unwrap();
    }
    rows.commit().unwrap();
}

/// All rows of all tables, each as a text.
pub(crate) fn content(path: &Path) -> Vec<String> {
    let database = Connection::open(path).unwrap();
    let mut content = Vec::new();
    for table in &TABLES {
        let columns: Vec<_> =
            table.columns().iter().map(|column| format!("quote({})", column.name)).collect();
        let row = columns.join(" || ',' || ");
        let sql = format!("SELECT {row} FROM {} ORDER BY 1", table.name);
        let mut statement = database.prepare(&sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        content.extend(rows.map(|row| format!("{}: {}", table.name, row.unwrap())));
    }
    content
}

/// Carries out statements in a database that nobody else has open.
pub(crate) fn run(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}
