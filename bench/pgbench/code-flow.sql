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

-- code.rs, REDEEM_SEALED_FOR_A_FAMILY
WITH recorded AS (
    INSERT INTO code (key, authorization_id, consent_id, client_id, account_id, session_id,
        redirect_uri, scopes, challenge, expires_at, resource, authenticated_at,
        id_token_claims, userinfo_claims, nonce, redeemed_at)
    SELECT /*1*/ decode(lpad(to_hex(:number::bigint), 44, '0'), 'hex') /**/,
        /*2*/ decode(lpad(to_hex(:number::bigint), 32, '0'), 'hex') /**/,
        n.authorization_id, n.client_id, n.account_id, s.id,
        /*3*/ 'https://page.example/callback' /**/, /*4*/ 'bench-profile bench-email' /**/,
        /*5*/ 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' /**/, /*6*/ 8000000000000 /**/, /*12*/ NULL /**/,
        /*13*/ NULL /**/, /*14*/ NULL /**/, /*15*/ NULL /**/, /*16*/ NULL /**/, /*10*/ 7000000000000 /**/
    FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = /*7*/ 'pgbench' /**/
        JOIN consent n ON n.account_id = a.id AND n.client_id = c.id
    WHERE s.id = /*8*/ decode(lpad(to_hex(:session::bigint), 64, '0'), 'hex') /**/
        AND a.id = /*9*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/
        AND /*10*/ 7000000000000 /**/ < s.expires_at
        AND n.authorization_id = /*11*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/
        AND a.status = 'active' AND c.status = 'active'
    FOR NO KEY UPDATE OF n
    ON CONFLICT (key) DO NOTHING
    RETURNING code.account_id, code.client_id
), used AS (
    UPDATE consent SET last_used_at = GREATEST(consent.last_used_at, /*10*/ 7000000000000 /**/) FROM recorded
    WHERE consent.account_id = recorded.account_id
        AND consent.client_id = recorded.client_id
), begun AS (
    INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
        generation, created_at, idle_until, absolute_until, ended_at, resource,
        session_id, authenticated_at, id_token_claims, userinfo_claims)
    SELECT /*17*/ decode(lpad(to_hex(:number::bigint), 32, '0'), 'hex') /**/,
        /*18*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/, /*19*/ 'pgbench' /**/,
        /*20*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/,
        /*21*/ 'bench-profile bench-email' /**/, /*22*/ 0 /**/, /*23*/ 7000000000000 /**/,
        /*24*/ 8000000000000 /**/, /*25*/ 8500000000000 /**/, /*26*/ NULL /**/, /*27*/ NULL /**/,
        /*28*/ NULL /**/, /*29*/ NULL /**/, /*30*/ NULL /**/, /*31*/ NULL /**/
    FROM recorded
) SELECT 1 FROM recorded;
