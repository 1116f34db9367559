-- What many nodes on a sharded database need, in both engines.

-- Names and addresses lie in a table of their own: a unique key must begin with what a table is
-- distributed by. No username holds an @ and every address does, so both fit in one.
CREATE TABLE sign_in_name (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- in the form in which names are compared
    account_id BYTEA NOT NULL
);

INSERT INTO sign_in_name (name, account_id) SELECT username_key, id FROM account;
INSERT INTO sign_in_name (name, account_id) SELECT email_key, id FROM account;

ALTER TABLE account DROP COLUMN username_key;
ALTER TABLE account DROP COLUMN email_key;

-- Revocations become one kind of change that nodes follow: also "client_changed" (a client's id),
-- "declared" and "keys" (no key).
ALTER TABLE revocation RENAME TO change;
ALTER INDEX revocation_by_end RENAME TO change_by_end;

-- The number of the last change, in one row: who adds a change locks it until its commit, so a change is
-- there before one with a higher number is.
CREATE TABLE change_number (
    id BIGINT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

INSERT INTO change_number (id, last) SELECT 1, COALESCE(MAX(seq), 0) FROM change;
