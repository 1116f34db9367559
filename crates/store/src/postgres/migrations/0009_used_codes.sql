-- Codes that carry what they stand for: that they were used, until the code is forgotten.

CREATE TABLE used_code (
    key BYTEA NOT NULL PRIMARY KEY,
    used_at BIGINT NOT NULL
);
