-- OpenID Connect: what a client has settled, and how a person signed in for a code and what follows from it.

ALTER TABLE client ADD COLUMN id_token_alg TEXT NOT NULL DEFAULT 'RS256';
ALTER TABLE client ADD COLUMN userinfo_alg TEXT; -- without one it is not signed
ALTER TABLE client ADD COLUMN subject_type TEXT NOT NULL DEFAULT 'public';
ALTER TABLE client ADD COLUMN post_logout_redirect_uris TEXT NOT NULL DEFAULT '';
ALTER TABLE client ADD COLUMN backchannel_logout_uri TEXT;

-- Without the time of the authentication the scope was not openid, and nothing of the rest counts. No claims
-- are NULL.
ALTER TABLE code ADD COLUMN authenticated_at INTEGER;
ALTER TABLE code ADD COLUMN id_token_claims TEXT;
ALTER TABLE code ADD COLUMN userinfo_claims TEXT;
ALTER TABLE code ADD COLUMN nonce TEXT;

ALTER TABLE refresh_family ADD COLUMN session_id BLOB;
ALTER TABLE refresh_family ADD COLUMN authenticated_at INTEGER;
ALTER TABLE refresh_family ADD COLUMN id_token_claims TEXT;
ALTER TABLE refresh_family ADD COLUMN userinfo_claims TEXT;
