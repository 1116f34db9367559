-- Who is to be told of the end of a session, and what still has to be told.

-- The clients that have joined a session and, from its end on, the notices: due_at is when the next try
-- may be made. A row goes when the session would have ended by itself, a notice a day after the session.
CREATE TABLE session_client (
    session_id BLOB NOT NULL,
    client_id TEXT NOT NULL,
    account_id BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    closed_at INTEGER,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    PRIMARY KEY (session_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX session_client_by_due ON session_client (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX session_client_by_end ON session_client (expires_at);

-- How many have joined: who closes a session sees by it whether a client joined in that very moment.
ALTER TABLE session ADD COLUMN clients INTEGER NOT NULL DEFAULT 0;

-- So that all sessions of an account can be closed.
CREATE INDEX session_by_account ON session (account_id);

-- So that what follows from a session can be ended with it.
CREATE INDEX refresh_family_by_session ON refresh_family (session_id) WHERE session_id IS NOT NULL;
