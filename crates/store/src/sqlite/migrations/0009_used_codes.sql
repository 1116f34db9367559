-- Codes that carry what they stand for: that they were used, until the code is forgotten.

CREATE TABLE used_code (
    key BLOB NOT NULL PRIMARY KEY,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
