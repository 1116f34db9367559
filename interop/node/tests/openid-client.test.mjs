// openid-client: the library that most servers written for Node use.

import assert from 'node:assert/strict';

import * as client from 'openid-client';

import { Person } from '../support/person.mjs';
import { anyPort, apiStatus, appNamed, visit } from '../support/visit.mjs';

const scope = 'user-read-email user-read-private';

visit('a public client: discovery, a code with PKCE, refresh twice, revocation', async (demo) => {
  const config = await configuration(demo, 'Pocket Radio', client.None());
  const first = await tokensOf(config, await ask(config, demo, anyPort));
  assert.equal(first.scope, scope);
  assert.equal(first.expiresIn(), 3600);
  assert.equal(await apiStatus(demo, first.access_token), 200);

  const second = await client.refreshTokenGrant(config, first.refresh_token);
  const third = await client.refreshTokenGrant(config, second.refresh_token, { scope: 'user-read-email' });
  assert.equal(third.scope, 'user-read-email', 'less may be asked for');
  assert.equal(await apiStatus(demo, third.access_token), 200);

  await client.tokenRevocation(config, third.refresh_token, { token_type_hint: 'refresh_token' });
  await assert.rejects(client.refreshTokenGrant(config, third.refresh_token), {
    name: 'ResponseBodyError',
    error: 'invalid_grant',
  });
});

for (const clientAuth of [client.ClientSecretBasic, client.ClientSecretPost]) {
  visit(`a confidential client with ${clientAuth.name}: everything it can do`, async (demo) => {
    const { client_secret: secret, redirect_uris } = appNamed(demo, 'Awkward Mail');
    const config = await configuration(demo, 'Awkward Mail', clientAuth(secret));
    const first = await tokensOf(config, await ask(config, demo, redirect_uris[0]));
    const second = await client.refreshTokenGrant(config, first.refresh_token);
    const third = await client.refreshTokenGrant(config, second.refresh_token);

    const told = await client.tokenIntrospection(config, third.access_token);
    assert.equal(told.active, true);
    assert.equal(told.username, demo.users[0].username);
    await client.tokenRevocation(config, third.refresh_token);
    assert.deepEqual(await client.tokenIntrospection(config, third.access_token), { active: false });

    const own = await client.clientCredentialsGrant(config);
    assert.equal(own.refresh_token, undefined);
    assert.equal((await client.tokenIntrospection(config, own.access_token)).active, true);
  });
}

visit('client credentials for the app that the demo comes with', async (demo) => {
  const { client_secret: secret } = appNamed(demo, 'Night Train Radio');
  const config = await configuration(demo, 'Night Train Radio', client.ClientSecretBasic(secret));
  const own = await client.clientCredentialsGrant(config);
  assert.equal((await client.tokenIntrospection(config, own.access_token)).active, true);
});

visit('the library takes no answer with another state or issuer, nor one without', async (demo) => {
  const config = await configuration(demo, 'Pocket Radio', client.None());
  const asked = await ask(config, demo, anyPort);
  for (const name of ['state', 'iss']) {
    const another = new URL(asked.callback);
    another.searchParams.set(name, 'another');
    await assert.rejects(tokensOf(config, { ...asked, callback: another }), { code: 'OAUTH_INVALID_RESPONSE' });
    another.searchParams.delete(name);
    await assert.rejects(tokensOf(config, { ...asked, callback: another }), { code: 'OAUTH_INVALID_RESPONSE' });
  }
  assert.ok((await tokensOf(config, asked)).access_token, 'the code was never sent, so it is still good');
});

visit('somebody who cancels: the library says access_denied', async (demo) => {
  const config = await configuration(demo, 'Pocket Radio', client.None());
  const asked = await ask(config, demo, anyPort, { answer: 'cancel' });
  await assert.rejects(tokensOf(config, asked), { name: 'AuthorizationResponseError', error: 'access_denied' });
});

/** What the library knows after discovery by RFC 8414. */
function configuration(demo, name, clientAuth) {
  return client.discovery(new URL(demo.accounts), appNamed(demo, name).client_id, undefined, clientAuth, {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests], // a demo has no certificate
  });
}

async function ask(config, demo, redirectUri, settings) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const request = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return { callback: await new Person(demo.users[0]).goTo(request, settings), state, verifier };
}

function tokensOf(config, { callback, state, verifier }) {
  return client.authorizationCodeGrant(config, callback, { expectedState: state, pkceCodeVerifier: verifier });
}
