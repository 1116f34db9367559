-- APIs that tokens can be asked for. The format is "opaque" or the algorithm of signed tokens; no scopes
-- (the empty text) means all there are.
CREATE TABLE api (
    identifier TEXT NOT NULL PRIMARY KEY,
    format TEXT NOT NULL,
    scopes TEXT NOT NULL,
    introspector TEXT
) STRICT, WITHOUT ROWID;

-- For which API, if one was named.
ALTER TABLE code ADD COLUMN resource TEXT;
ALTER TABLE refresh_family ADD COLUMN resource TEXT;
