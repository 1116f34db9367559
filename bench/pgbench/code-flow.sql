-- One flow with a code: the four statements that the server sends for it (crates/store/src/postgres),
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

-- code.rs, INSERT
INSERT INTO code (key, authorization_id, consent_id, client_id,
        account_id, session_id, redirect_uri, scopes, challenge, expires_at, resource,
        authenticated_at, id_token_claims, userinfo_claims, nonce)
    SELECT /*1*/ decode(lpad(to_hex(:number::bigint), 44, '0'), 'hex') /**/,
        /*2*/ decode(lpad(to_hex(:number::bigint), 32, '0'), 'hex') /**/,
        n.authorization_id, n.client_id, n.account_id, s.id,
        /*3*/ 'https://page.example/callback' /**/, /*4*/ 'bench-profile bench-email' /**/,
        /*5*/ 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' /**/, /*6*/ 8000000000000 /**/, /*12*/ NULL /**/,
        /*13*/ NULL /**/, /*14*/ NULL /**/, /*15*/ NULL /**/, /*16*/ NULL /**/
    FROM session s JOIN account a ON a.id = s.account_id JOIN client c ON c.id = /*7*/ 'pgbench' /**/
        JOIN consent n ON n.account_id = a.id AND n.client_id = c.id
    WHERE s.id = /*8*/ decode(lpad(to_hex(:session::bigint), 64, '0'), 'hex') /**/
        AND a.id = /*9*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/
        AND /*10*/ 7000000000000 /**/ < s.expires_at
        AND n.authorization_id = /*11*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/
        AND a.status = 'active' AND c.status = 'active'
    FOR KEY SHARE OF n
    ON CONFLICT (key) DO UPDATE SET key = code.key WHERE code.redeemed_at IS NULL;

-- code.rs, FACTS
SELECT k.id, k.client_type, k.secrets, k.name, k.description, k.website, k.owner_id, o.username,
    k.redirect_uris, k.grant_types, k.scopes, k.denial, k.pkce, k.id_token_alg, k.userinfo_alg,
    k.subject_type, k.post_logout_redirect_uris, k.backchannel_logout_uri, k.status, k.created_at,
    d.key, d.authorization_id, d.consent_id, d.client_id, d.account_id, d.redirect_uri, d.scopes,
    d.resource, d.session_id, d.authenticated_at, d.id_token_claims, d.userinfo_claims, d.nonce, d.challenge, d.expires_at, d.redeemed_at,
    a.id, a.username, a.email, a.status, a.created_at,
    n.account_id, n.client_id, n.scopes, n.authorization_id, n.given_at
    FROM (SELECT 1) AS one
    LEFT JOIN client AS k ON k.id = /*1*/ 'pgbench' /**/
    LEFT JOIN account AS o ON o.id = k.owner_id
    LEFT JOIN code AS d ON d.key = /*2*/ decode(lpad(to_hex(:number::bigint), 44, '0'), 'hex') /**/
    LEFT JOIN account AS a ON a.id = d.account_id
    LEFT JOIN consent AS n ON n.account_id = d.account_id AND n.client_id = d.client_id;

-- code.rs, REDEEM_FOR_A_FAMILY
WITH used AS (
    UPDATE consent SET last_used_at = GREATEST(consent.last_used_at, /*2*/ 7000000000000 /**/)
    FROM code d JOIN account a ON a.id = d.account_id
        JOIN client c ON c.id = d.client_id JOIN session s ON s.id = d.session_id
    WHERE d.key = /*1*/ decode(lpad(to_hex(:number::bigint), 44, '0'), 'hex') /**/
        AND d.redeemed_at IS NULL AND /*2*/ 7000000000000 /**/ < s.expires_at
        AND a.status = 'active' AND c.status = 'active'
        AND consent.account_id = d.account_id AND consent.client_id = d.client_id
        AND consent.authorization_id = d.consent_id
    RETURNING consent.authorization_id
), redeemed AS (
    UPDATE code SET redeemed_at = /*2*/ 7000000000000 /**/ FROM used
    WHERE code.key = /*1*/ decode(lpad(to_hex(:number::bigint), 44, '0'), 'hex') /**/
        AND code.redeemed_at IS NULL
    RETURNING code.key
), begun AS (
    INSERT INTO refresh_family (authorization_id, consent_id, client_id, account_id, scopes,
        generation, created_at, idle_until, absolute_until, ended_at, resource,
        session_id, authenticated_at, id_token_claims, userinfo_claims)
    SELECT /*3*/ decode(lpad(to_hex(:number::bigint), 32, '0'), 'hex') /**/,
        /*4*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/, /*5*/ 'pgbench' /**/,
        /*6*/ decode(lpad(to_hex(:account::bigint), 32, '0'), 'hex') /**/,
        /*7*/ 'bench-profile bench-email' /**/, /*8*/ 0 /**/, /*9*/ 7000000000000 /**/,
        /*10*/ 8000000000000 /**/, /*11*/ 8500000000000 /**/, /*12*/ NULL /**/, /*13*/ NULL /**/,
        /*14*/ NULL /**/, /*15*/ NULL /**/, /*16*/ NULL /**/, /*17*/ NULL /**/
    FROM redeemed
) SELECT 1 FROM redeemed;
