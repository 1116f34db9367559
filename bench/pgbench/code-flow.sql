-- One flow with a code: the three statements that the server sends for it (crates/store/src/postgres),
-- in its order, each by itself. What stands between /*1*/ and /**/ is its $1; a test compares the rest.
-- Keys are made here, where the server makes them itself.
\set number random(1, 9223372036854775807)
\set session random(1, 64)
\set account 1 + :session % 8

-- authorize.rs, SIGNED_IN
SELECT asked.place, s.id, s.account_id, s.created_at, s.expires_at,
    a.id, a.username, a.email, a.status, a.created_at,
    n.account_id, n.client_id, n.scopes, n.authorization_id, n.given_at
    FROM unnest(/*1*/ ARRAY[decode(lpad(to_hex(:session::bigint), 64, '0'), 'hex')] /**/,
        /*2*/ ARRAY['pgbench'] /**/) WITH ORDINALITY AS asked (session_id, client_id, place)
    CROSS JOIN LATERAL (
        SELECT session.id, session.account_id, session.created_at, session.expires_at
        FROM session WHERE session.id = asked.session_id OFFSET 0
    ) AS s
    CROSS JOIN LATERAL (
        SELECT account.id, account.username, account.email, account.status, account.created_at
        FROM account WHERE account.id = s.account_id OFFSET 0
    ) AS a
    LEFT JOIN LATERAL (
        SELECT consent.account_id, consent.client_id, consent.scopes, consent.authorization_id, consent.given_at
        FROM consent
        WHERE consent.account_id = s.account_id AND consent.client_id = asked.client_id OFFSET 0
    ) AS n ON TRUE;

-- The same again, when the code is brought.
SELECT asked.place, s.id, s.account_id, s.created_at, s.expires_at,
    a.id, a.username, a.email, a.status, a.created_at,
    n.account_id, n.client_id, n.scopes, n.authorization_id, n.given_at
    FROM unnest(/*1*/ ARRAY[decode(lpad(to_hex(:session::bigint), 64, '0'), 'hex')] /**/,
        /*2*/ ARRAY['pgbench'] /**/) WITH ORDINALITY AS asked (session_id, client_id, place)
    CROSS JOIN LATERAL (
        SELECT session.id, session.account_id, session.created_at, session.expires_at
        FROM session WHERE session.id = asked.session_id OFFSET 0
    ) AS s
    CROSS JOIN LATERAL (
        SELECT account.id, account.username, account.email, account.status, account.created_at
        FROM account WHERE account.id = s.account_id OFFSET 0
    ) AS a
    LEFT JOIN LATERAL (
        SELECT consent.account_id, consent.client_id, consent.scopes, consent.authorization_id, consent.given_at
        FROM consent
        WHERE consent.account_id = s.account_id AND consent.client_id = asked.client_id OFFSET 0
    ) AS n ON TRUE;

-- sealed_code.rs, REDEEM_FOR_A_FAMILY
WITH recorded AS (
    INSERT INTO used_code (key, used_at)
    SELECT /*1*/ decode(lpad(to_hex(:number::bigint), 44, '0'), 'hex') /**/, /*2*/ 7000000000000 /**/
    FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = /*3*/ 'pgbench' /**/
        JOIN consent n ON n.account_id = a.id AND n.client_id = c.id
    WHERE s.id = /*4*/ decode(lpad(to_hex(:session::bigint), 64, '0'), 'hex') /**/
        AND a.id = /*5*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/
        AND /*2*/ 7000000000000 /**/ < s.expires_at
        AND n.authorization_id = /*6*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/
        AND a.status = 'active' AND c.status = 'active'
    FOR NO KEY UPDATE OF n
    ON CONFLICT (key) DO NOTHING
    RETURNING used_code.key
), used AS (
    UPDATE consent SET last_used_at = GREATEST(consent.last_used_at, /*2*/ 7000000000000 /**/) FROM recorded
    WHERE consent.account_id = /*5*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/
        AND consent.client_id = /*3*/ 'pgbench' /**/
), begun AS (
    INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
        generation, created_at, idle_until, absolute_until, ended_at, resource,
        session_id, authenticated_at, id_token_claims, userinfo_claims)
    SELECT /*7*/ decode(lpad(to_hex(:number::bigint), 32, '0'), 'hex') /**/,
        /*8*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/, /*9*/ 'pgbench' /**/,
        /*10*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/,
        /*11*/ 'bench-profile bench-email' /**/, /*12*/ 0 /**/, /*13*/ 7000000000000 /**/,
        /*14*/ 8000000000000 /**/, /*15*/ 8500000000000 /**/, /*16*/ NULL /**/, /*17*/ NULL /**/,
        /*18*/ NULL /**/, /*19*/ NULL /**/, /*20*/ NULL /**/, /*21*/ NULL /**/
    FROM recorded
) SELECT 1 FROM recorded;
