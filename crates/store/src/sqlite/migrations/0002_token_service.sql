-- Codes, refresh families and revocation.

ALTER TABLE client ADD COLUMN pkce TEXT NOT NULL DEFAULT 'required';

ALTER TABLE consent ADD COLUMN last_used_at INTEGER NOT NULL DEFAULT 0;
UPDATE consent SET last_used_at = given_at;
CREATE INDEX consent_by_authorization ON consent (authorization_id);

-- The web origins of public clients' redirect URIs.
CREATE TABLE client_origin (
    origin TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
    PRIMARY KEY (origin, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_origin_by_client ON client_origin (client_id);

-- For the clients that are there: takes one URI after the other from the list, of each what stands
-- between the scheme and the first / or ?, and leaves out the scheme's own port as browsers do.
WITH RECURSIVE
    uri (client_id, text, others) AS (
        SELECT id, '', redirect_uris || char(10) FROM client WHERE client_type = 'public'
        UNION ALL
        SELECT client_id, substr(others, 1, instr(others, char(10)) - 1),
            substr(others, instr(others, char(10)) + 1)
        FROM uri WHERE others <> ''
    ),
    web_uri (client_id, scheme, port, text) AS (
        SELECT client_id, 'https://', ':443', substr(text, 9) FROM uri WHERE text LIKE 'https://%'
        UNION ALL
        SELECT client_id, 'http://', ':80', substr(text, 8) FROM uri WHERE text LIKE 'http://%'
    ),
    place (client_id, scheme, port, host) AS (
        SELECT client_id, scheme, port,
            substr(text, 1, instr(replace(text, '?', '/') || '/', '/') - 1)
        FROM web_uri
    )
INSERT INTO client_origin (origin, client_id)
SELECT DISTINCT scheme || CASE
    WHEN substr(host, -length(port)) = port THEN substr(host, 1, length(host) - length(port))
    ELSE host END, client_id
FROM place;

-- The key is six bytes of time and a hash: codes lie in the order of their time, and what is old is a
-- range at the beginning. A code and a family go with the consent that they rest on.
CREATE TABLE code (
    key BLOB NOT NULL PRIMARY KEY,
    authorization_id BLOB NOT NULL,
    consent_id BLOB NOT NULL,
    client_id TEXT NOT NULL,
    account_id BLOB NOT NULL,
    session_id BLOB NOT NULL, -- the one in which it was made, which may have been closed since
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    challenge TEXT,
    expires_at INTEGER NOT NULL,
    redeemed_at INTEGER,
    FOREIGN KEY (account_id, client_id) REFERENCES consent (account_id, client_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX code_by_authorization ON code (authorization_id);
CREATE INDEX code_by_consent ON code (account_id, client_id);

CREATE TABLE refresh_family (
    authorization_id BLOB NOT NULL PRIMARY KEY,
    consent_id BLOB NOT NULL,
    client_id TEXT NOT NULL,
    account_id BLOB NOT NULL,
    scopes TEXT NOT NULL,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    idle_until INTEGER NOT NULL,
    absolute_until INTEGER NOT NULL,
    ended_at INTEGER,
    FOREIGN KEY (account_id, client_id) REFERENCES consent (account_id, client_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_family_by_consent ON refresh_family (account_id, client_id);
CREATE INDEX refresh_family_by_end ON refresh_family (idle_until);

-- What was ended, by its kind: a client's id as text, anything else as the 16 bytes of a UUID.
CREATE TABLE revocation (
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;

CREATE INDEX revocation_by_end ON revocation (until);
