// An app that signs people in with openid-client: what it knows after discovery, and what it keeps of one request.

import * as client from 'openid-client';

import { appNamed, appsIn } from './visit.mjs';

/** The person of openid.toml who has told everything. */
export const hedy = { username: 'hedy', password: 'hedy keeps a long one', email: 'hedy@interop.example' };

/** The apps of OpenID Connect. */
export const openid = await appsIn('openid.toml');

/** An app that reads the metadata by OpenID Connect Discovery. */
export class RelyingParty {
  /**
   * The app of that name. `settings.metadata` is what it told the server of itself, as the library wants to know
   * it; `settings.use` are switches of the library, `settings.redirectUri` is for an app without one of its own.
   */
  static async of(demo, name, { metadata, use = [], redirectUri } = {}) {
    const { client_id: id, client_secret: secret, redirect_uris } = appNamed(demo, name);
    const authentication = secret ? client.ClientSecretPost(secret) : client.None();
    const config = await client.discovery(new URL(demo.accounts), id, metadata, authentication, {
      execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks, ...use], // a demo has no certificate
    });
    return Object.assign(new RelyingParty(), { config, redirectUri: redirectUri ?? redirect_uris[0] });
  }

  /** Sends `person` to the authorization endpoint; the answer comes back unread, with what it must fit. */
  async ask(person, { settings, ...parameters } = {}) {
    const [pkceCodeVerifier, expectedState, expectedNonce] = [
      client.randomPKCECodeVerifier(),
      client.randomState(),
      client.randomNonce(),
    ];
    const request = client.buildAuthorizationUrl(this.config, {
      redirect_uri: this.redirectUri,
      scope: 'openid',
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...parameters,
    });
    const callback = await person.goTo(request, settings);
    return { callback, checks: { pkceCodeVerifier, expectedState, expectedNonce } };
  }

  /** Redeems the code of an answer; the library judges answer, tokens and ID token. */
  redeem({ callback, checks }, more = {}) {
    return client.authorizationCodeGrant(this.config, callback, { ...checks, idTokenExpected: true, ...more });
  }

  /** The claims of an ID token that came without a code. */
  read({ callback, checks: { expectedState, expectedNonce } }, more = {}) {
    return client.implicitAuthentication(this.config, callback, expectedNonce, { expectedState, ...more });
  }

  /** Sends `person` through all of it. */
  async signIn(person, parameters) {
    return this.redeem(await this.ask(person, parameters));
  }

  userinfo(tokens) {
    return client.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub);
  }

  refresh(tokens) {
    return client.refreshTokenGrant(this.config, tokens.refresh_token);
  }

  /** Where the library sends people who sign out. */
  endSession(parameters) {
    return client.buildEndSessionUrl(this.config, parameters);
  }
}
