-- Eight people with eight browsers each, who have allowed one app: as many as the measured server has.
INSERT INTO account (id, username, email, password_hash, status, created_at)
    SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), 'pgbench-' || n, 'pgbench-' || n || '@people.example',
        '', 'active', 0
    FROM generate_series(1, 8) AS n
    ON CONFLICT DO NOTHING;

INSERT INTO client (id, owner_id, client_type, secrets, name, description, redirect_uris, grant_types,
        denial, status, created_at)
    VALUES ('pgbench', decode(lpad(to_hex(1), 32, '0'), 'hex'), 'public', '', 'pgbench', '',
        'https://page.example/callback', 'authorization_code refresh_token', 'query', 'active', 0)
    ON CONFLICT DO NOTHING;

INSERT INTO session (id, account_id, created_at, expires_at)
    SELECT decode(lpad(to_hex(n), 64, '0'), 'hex'), decode(lpad(to_hex(1 + n % 8), 32, '0'), 'hex'),
        0, 9000000000000
    FROM generate_series(1, 64) AS n
    ON CONFLICT DO NOTHING;

INSERT INTO consent (account_id, client_id, scopes, authorization_id, given_at, last_used_at)
    SELECT id, 'pgbench', 'bench-profile bench-email', id, 0, 0 FROM account
    WHERE username LIKE 'pgbench-%'
    ON CONFLICT DO NOTHING;
