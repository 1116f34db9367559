-- What many nodes on a sharded database need, in both engines.

-- Names and addresses move to a table of their own: a unique key must begin with what a table is
-- distributed by. No username holds an @ and every address does, so both fit in one.
CREATE TABLE sign_in_name (
    name TEXT NOT NULL PRIMARY KEY, -- in the form in which names are compared
    account_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sign_in_name (name, account_id) SELECT username_key, id FROM account;
INSERT INTO sign_in_name (name, account_id) SELECT email_key, id FROM account;

CREATE TABLE account_without_keys (
    id BLOB NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO account_without_keys (id, username, email, password_hash, status, created_at)
    SELECT id, username, email, password_hash, status, created_at FROM account;
DROP TABLE account;
ALTER TABLE account_without_keys RENAME TO account;

-- Revocations become one kind of change that nodes follow: also "client_changed" (a client's id),
-- "declared" and "keys" (no key).
ALTER TABLE revocation RENAME TO change;
DROP INDEX revocation_by_end;
CREATE INDEX change_by_end ON change (until);

-- The number of the last change, in one row.
CREATE TABLE change_number (
    id INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

INSERT INTO change_number (id, last) SELECT 1, COALESCE(MAX(seq), 0) FROM change;
