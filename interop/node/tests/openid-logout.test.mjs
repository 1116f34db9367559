// Signing out: openid-client writes the request (RP-Initiated Logout 1.0), jose judges what the other apps are told
// (Back-Channel Logout 1.0).

import assert from 'node:assert/strict';

import * as jose from 'jose';

import { listen } from '../support/listener.mjs';
import { Person } from '../support/person.mjs';
import { hedy, openid, RelyingParty } from '../support/relying-party.mjs';
import { anyPort, appsIn, visit } from '../support/visit.mjs';

const told = await appsIn('told.toml');
const goodbye = 'https://evening-paper.example/goodbye';

visit('with an ID token somebody is signed out at once and comes back to the app', async (demo) => {
  const app = await RelyingParty.of(demo, 'Evening Paper');
  const person = new Person(hedy);
  const tokens = await app.signIn(person);
  const request = app.endSession({
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: goodbye,
    state: 'a "b" & c',
  });
  const target = await person.goTo(request);
  assert.equal(`${target.origin}${target.pathname}`, goodbye);
  assert.deepEqual([...target.searchParams], [['state', 'a "b" & c']]);

  const silently = app.signIn(person, { prompt: 'none' });
  await assert.rejects(silently, { name: 'AuthorizationResponseError', error: 'login_required' });
  // Back-Channel Logout §2.7: without offline_access, what was obtained in the session ends with it.
  await assert.rejects(app.refresh(tokens), { name: 'ResponseBodyError', error: 'invalid_grant' });
  assert.equal((await person.goTo(request)).origin, target.origin, 'who is signed out already comes back as well');
}, openid);

visit('without an ID token somebody is asked first, and comes back all the same', async (demo) => {
  const app = await RelyingParty.of(demo, 'Pocket Paper', { redirectUri: anyPort });
  const person = new Person(hedy);
  await app.signIn(person);
  const post_logout_redirect_uri = 'http://127.0.0.1:49152/goodbye';
  const target = await person.goTo(app.endSession({ post_logout_redirect_uri, state: 'xyz' }));
  assert.equal(target.href, `${post_logout_redirect_uri}?state=xyz`);
  await assert.rejects(app.signIn(person, { prompt: 'none' }), { error: 'login_required' });
}, openid);

for (const algorithm of ['RS256', 'ES256', 'EdDSA']) {
  let listener;
  const apps = async (t) => {
    listener = await listen(t);
    return `${openid}\n${told.replaceAll('{listener}', listener.origin).replaceAll('{algorithm}', algorithm)}`;
  };

  visit(`an app is told that somebody signed out at another app, by a token with ${algorithm}`, async (demo) => {
    const metadata = { id_token_signed_response_alg: algorithm };
    const app = await RelyingParty.of(demo, 'Told Paper', { metadata });
    const other = await RelyingParty.of(demo, 'Evening Paper');
    const person = new Person(hedy);
    const { sub, sid } = (await app.signIn(person)).claims();
    const { id_token: hint } = await other.signIn(person);
    await person.goTo(other.endSession({ id_token_hint: hint, post_logout_redirect_uri: goodbye }));

    const { path, method, form } = await listener.next();
    assert.deepEqual([method, path, Object.keys(form)], ['POST', '/logged-out', ['logout_token']]);
    const server = app.config.serverMetadata();
    assert.equal(server.backchannel_logout_supported, true);
    const keys = jose.createRemoteJWKSet(new URL(server.jwks_uri));
    const { payload } = await jose.jwtVerify(form.logout_token, keys, {
      issuer: demo.accounts,
      audience: app.config.clientMetadata().client_id,
      typ: 'logout+jwt',
      algorithms: [algorithm],
      maxTokenAge: 120,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
    });
    assert.deepEqual(payload.events, { 'http://schemas.openid.net/event/backchannel-logout': {} });
    assert.deepEqual([payload.sub, payload.sid, payload.nonce], [sub, sid, undefined]);
  }, apps);
}
