-- Points in time are milliseconds since 1970-01-01T00:00:00Z; ids of accounts and authorizations are
-- the 16 bytes of a UUID; digests are the 32 bytes of a SHA-256. Keys are made by the program.

CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL REFERENCES account (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_end ON session (expires_at);

-- Lists lie in the client's row, so that one read brings all that a decision needs: secrets are
-- digests in base64url, secrets, grant types and scopes are separated by spaces, redirect URIs by
-- line feeds. No scopes (NULL) means the ordinary ones.
CREATE TABLE client (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id BLOB NOT NULL REFERENCES account (id),
    client_type TEXT NOT NULL,
    secrets TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    website TEXT,
    redirect_uris TEXT NOT NULL,
    grant_types TEXT NOT NULL,
    scopes TEXT,
    denial TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX client_by_owner ON client (owner_id, created_at, id);

CREATE TABLE consent (
    account_id BLOB NOT NULL REFERENCES account (id),
    client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    authorization_id BLOB NOT NULL,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_by_client ON consent (client_id);

CREATE TABLE scope (
    name TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    heading TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sealed_key (
    id INTEGER NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
