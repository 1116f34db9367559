-- APIs that tokens can be asked for. The format is "opaque" or the algorithm of signed tokens; no scopes
-- (the empty text) means all there are.
CREATE TABLE api (
    identifier TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    format TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    introspector TEXT COLLATE "C"
);

-- For which API, if one was named.
ALTER TABLE code ADD COLUMN resource TEXT COLLATE "C";
ALTER TABLE refresh_family ADD COLUMN resource TEXT COLLATE "C";
