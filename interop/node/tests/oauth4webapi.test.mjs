// oauth4webapi: the library that checks every answer against the RFC that it comes from.

import assert from 'node:assert/strict';

import * as oauth from 'oauth4webapi';

import { Person } from '../support/person.mjs';
import { anyPort, apiStatus, appNamed, visit } from '../support/visit.mjs';

const http = { [oauth.allowInsecureRequests]: true }; // a demo has no certificate
const scope = 'user-read-email user-read-private';

visit('a public client: discovery, a code with PKCE, refresh twice, revocation', async (demo) => {
  const app = await App.of(demo, 'Pocket Radio', anyPort);
  const first = await app.redeem(await app.ask(new Person(demo.users[0])));
  assert.equal(first.token_type, 'bearer', 'the library writes it in lower case');
  assert.equal(first.expires_in, 3600);
  assert.equal(first.scope, scope);
  assert.equal(await apiStatus(demo, first.access_token), 200);

  const second = await app.refresh(first.refresh_token);
  const third = await app.refresh(second.refresh_token);
  assert.equal(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size, 3);
  assert.equal(third.scope, scope);
  assert.equal(await apiStatus(demo, third.access_token), 200);

  await app.revoke(third.refresh_token);
  await refused(app.refresh(third.refresh_token), 'invalid_grant');
  assert.equal(await app.introspectAs('Night Mail', third.access_token), false);
});

for (const [name, clientAuth] of [
  ['Night Mail', oauth.ClientSecretBasic],
  ['Night Mail', oauth.ClientSecretPost],
  ['Awkward Mail', oauth.ClientSecretBasic],
  ['Awkward Mail', oauth.ClientSecretPost],
]) {
  visit(`a confidential client: ${name} with ${clientAuth.name}`, async (demo) => {
    const { client_secret: secret, redirect_uris } = appNamed(demo, name);
    const app = await App.of(demo, name, redirect_uris[0], clientAuth(secret));
    const first = await app.redeem(await app.ask(new Person(demo.users[0])));
    const second = await app.refresh((await app.refresh(first.refresh_token)).refresh_token);

    const told = await app.introspect(second.access_token);
    assert.equal(told.active, true);
    assert.equal(told.client_id, app.client.client_id);
    assert.equal(told.username, demo.users[0].username);
    assert.equal(told.scope, scope);
    assert.equal(told.iss, demo.accounts);

    await app.revoke(second.access_token);
    assert.deepEqual(await app.introspect(second.access_token), { active: false });
  });
}

visit('client credentials: a token of the app itself, and no refresh token', async (demo) => {
  const { client_secret: secret } = appNamed(demo, 'Awkward Mail');
  const app = await App.of(demo, 'Awkward Mail', undefined, oauth.ClientSecretBasic(secret));
  const tokens = await app.forItself();
  assert.equal(tokens.refresh_token, undefined);
  const told = await app.introspect(tokens.access_token);
  assert.equal(told.active, true);
  assert.equal(told.sub, app.client.client_id);
  await app.revoke(tokens.access_token);
  assert.deepEqual(await app.introspect(tokens.access_token), { active: false });
});

visit('the library takes no answer with another state or issuer, nor one without', async (demo) => {
  const app = await App.of(demo, 'Pocket Radio', anyPort);
  const { callback, state } = await app.ask(new Person(demo.users[0]));
  const changed = (name, value) => {
    const url = new URL(callback);
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
    return () => oauth.validateAuthResponse(app.server, app.client, url, state);
  };
  for (const name of ['state', 'iss']) {
    const refusal = { name: 'OperationProcessingError', message: new RegExp(`"${name}"`) };
    assert.throws(changed(name, 'another'), refusal);
    assert.throws(changed(name, undefined), refusal);
  }
  assert.doesNotThrow(changed('state', state));
});

visit('somebody who cancels: the library says access_denied', async (demo) => {
  const app = await App.of(demo, 'Pocket Radio', anyPort);
  const { callback, state } = await app.ask(new Person(demo.users[0]), { answer: 'cancel' });
  assert.throws(() => oauth.validateAuthResponse(app.server, app.client, callback, state), {
    name: 'AuthorizationResponseError',
    error: 'access_denied',
  });
});

visit('what the token endpoint refuses is read by the library as RFC 6749 §5.2 has it', async (demo) => {
  const app = await App.of(demo, 'Pocket Radio', anyPort);
  const asked = await app.ask(new Person(demo.users[0]));
  const strange = oauth.generateRandomCodeVerifier();
  await refused(app.redeem({ ...asked, verifier: strange }), 'invalid_grant', 'code_verifier was incorrect');

  const tokens = await app.redeem(asked);
  await refused(app.redeem(asked), 'invalid_grant', 'Invalid authorization code');
  await refused(app.refresh(tokens.refresh_token), 'invalid_grant'); // the replay ended the family
  assert.equal(await app.introspectAs('Night Mail', tokens.access_token), false);

  const wrong = await App.of(demo, 'Night Mail', undefined, oauth.ClientSecretBasic('not this one'));
  await assert.rejects(wrong.forItself(), (error) => {
    const challenge = error.cause?.[0];
    return error.name === 'WWWAuthenticateChallengeError' && error.status === 401 && challenge.scheme === 'basic';
  });
  const inForm = await App.of(demo, 'Night Mail', undefined, oauth.ClientSecretPost('not this one'));
  await refused(inForm.forItself(), 'invalid_client', 'Invalid client secret');
});

visit('a refresh token that is two behind ends its family', async (demo) => {
  const app = await App.of(demo, 'Pocket Radio', anyPort);
  const first = await app.redeem(await app.ask(new Person(demo.users[0])));
  const second = await app.refresh(first.refresh_token);
  const again = await app.refresh(first.refresh_token);
  assert.equal(again.refresh_token, second.refresh_token, 'a lost answer can be asked for again');
  const third = await app.refresh(second.refresh_token);
  await refused(app.refresh(first.refresh_token), 'invalid_grant');
  await refused(app.refresh(third.refresh_token), 'invalid_grant');
});

function refused(promise, error, error_description) {
  const expected = { name: 'ResponseBodyError', status: 400, error };
  return assert.rejects(promise, error_description ? { ...expected, error_description } : expected);
}

/** A client made with the library. */
class App {
  static async of(demo, name, redirectUri, clientAuth = oauth.None()) {
    const issuer = new URL(demo.accounts);
    const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...http });
    const server = await oauth.processDiscoveryResponse(issuer, response);
    const client = { client_id: appNamed(demo, name).client_id };
    return Object.assign(new App(), { demo, server, client, clientAuth, redirectUri });
  }

  /** Sends somebody to the authorization endpoint; the answer comes back unread. */
  async ask(person, settings) {
    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const request = new URL(this.server.authorization_endpoint);
    request.search = new URLSearchParams({
      client_id: this.client.client_id,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      scope,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { callback: await person.goTo(request, settings), state, verifier };
  }

  async redeem({ callback, state, verifier }) {
    const { server, client, clientAuth, redirectUri } = this;
    const answer = oauth.validateAuthResponse(server, client, callback, state);
    const response = await oauth.authorizationCodeGrantRequest(
      server, client, clientAuth, answer, redirectUri, verifier, http,
    );
    return oauth.processAuthorizationCodeResponse(server, client, response);
  }

  async refresh(token) {
    const { server, client, clientAuth } = this;
    const response = await oauth.refreshTokenGrantRequest(server, client, clientAuth, token, http);
    return oauth.processRefreshTokenResponse(server, client, response);
  }

  async forItself() {
    const { server, client, clientAuth } = this;
    const response = await oauth.clientCredentialsGrantRequest(server, client, clientAuth, {}, http);
    return oauth.processClientCredentialsResponse(server, client, response);
  }

  async revoke(token) {
    const { server, client, clientAuth } = this;
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, clientAuth, token, http));
  }

  async introspect(token) {
    const { server, client, clientAuth } = this;
    const response = await oauth.introspectionRequest(server, client, clientAuth, token, http);
    return oauth.processIntrospectionResponse(server, client, response);
  }

  /** Whether a confidential client is told that the token is good: a public one is told nothing. */
  async introspectAs(name, token) {
    const secret = appNamed(this.demo, name).client_secret;
    const asker = await App.of(this.demo, name, undefined, oauth.ClientSecretBasic(secret));
    return (await asker.introspect(token)).active;
  }
}
