-- What a key may do follows from the time: of one purpose the key with the latest active_from that has
-- come is in use, later ones are coming, earlier ones only open what they made.
CREATE TABLE timed_key (
    id INTEGER NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    active_from INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO timed_key (id, purpose, active_from, sealed, created_at)
    SELECT id, purpose, created_at, sealed, created_at FROM sealed_key;

DROP TABLE sealed_key;
ALTER TABLE timed_key RENAME TO sealed_key;
