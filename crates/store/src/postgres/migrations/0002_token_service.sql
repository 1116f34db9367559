-- Codes, refresh families and revocation.

ALTER TABLE client ADD COLUMN pkce TEXT COLLATE "C" NOT NULL DEFAULT 'required';

ALTER TABLE consent ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX consent_by_authorization ON consent (authorization_id);

-- The web origins of public clients' redirect URIs.
CREATE TABLE client_origin (
    origin TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL REFERENCES client (id) ON DELETE CASCADE,
    PRIMARY KEY (origin, client_id)
);

CREATE INDEX client_origin_by_client ON client_origin (client_id);

-- The key is six bytes of time and a hash: codes lie in the order of their time, and what is old is a
-- range at the beginning. A code and a family go with the consent that they rest on.
CREATE TABLE code (
    key BYTEA NOT NULL PRIMARY KEY,
    authorization_id BYTEA NOT NULL,
    consent_id BYTEA NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    account_id BYTEA NOT NULL,
    session_id BYTEA NOT NULL, -- the one in which it was made, which may have been closed since
    redirect_uri TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    challenge TEXT COLLATE "C",
    expires_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    FOREIGN KEY (account_id, client_id) REFERENCES consent (account_id, client_id) ON DELETE CASCADE
);

CREATE INDEX code_by_authorization ON code (authorization_id);
CREATE INDEX code_by_consent ON code (account_id, client_id);

CREATE TABLE refresh_family (
    authorization_id BYTEA NOT NULL PRIMARY KEY,
    consent_id BYTEA NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    account_id BYTEA NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    idle_until BIGINT NOT NULL,
    absolute_until BIGINT NOT NULL,
    ended_at BIGINT,
    FOREIGN KEY (account_id, client_id) REFERENCES consent (account_id, client_id) ON DELETE CASCADE
);

CREATE INDEX refresh_family_by_consent ON refresh_family (account_id, client_id);
CREATE INDEX refresh_family_by_end ON refresh_family (idle_until);

-- What was ended, by its kind: a client's id as text, anything else as the 16 bytes of a UUID.
CREATE TABLE revocation (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    key BYTEA NOT NULL,
    at BIGINT NOT NULL,
    until BIGINT NOT NULL
);

CREATE INDEX revocation_by_end ON revocation (until);
