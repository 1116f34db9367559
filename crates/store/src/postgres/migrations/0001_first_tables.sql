-- Points in time are milliseconds since 1970-01-01T00:00:00Z; ids of accounts and authorizations are
-- the 16 bytes of a UUID; digests are the 32 bytes of a SHA-256. Keys are made by the program. Texts are
-- compared byte by byte, so that an index means the same under every locale.

CREATE TABLE account (
    id BYTEA NOT NULL PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL,
    username_key TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    email_key TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE session (
    id BYTEA NOT NULL PRIMARY KEY,
    account_id BYTEA NOT NULL REFERENCES account (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX session_by_end ON session (expires_at);

-- Lists lie in the client's row, so that one read brings all that a decision needs: secrets are
-- digests in base64url, secrets, grant types and scopes are separated by spaces, redirect URIs by
-- line feeds. No scopes (NULL) means the ordinary ones.
CREATE TABLE client (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner_id BYTEA NOT NULL REFERENCES account (id),
    client_type TEXT COLLATE "C" NOT NULL,
    secrets TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    website TEXT COLLATE "C",
    redirect_uris TEXT COLLATE "C" NOT NULL,
    grant_types TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C",
    denial TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX client_by_owner ON client (owner_id, created_at, id);

CREATE TABLE consent (
    account_id BYTEA NOT NULL REFERENCES account (id),
    client_id TEXT COLLATE "C" NOT NULL REFERENCES client (id) ON DELETE CASCADE,
    scopes TEXT COLLATE "C" NOT NULL,
    authorization_id BYTEA NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, client_id)
);

CREATE INDEX consent_by_client ON consent (client_id);

CREATE TABLE scope (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    heading TEXT COLLATE "C" NOT NULL
);

CREATE TABLE sealed_key (
    id BIGINT NOT NULL PRIMARY KEY,
    purpose TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
