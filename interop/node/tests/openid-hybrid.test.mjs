// openid-client where the answer itself carries an ID token: implicit and hybrid flow, in the fragment and by a form.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import * as client from 'openid-client';

import { Person } from '../support/person.mjs';
import { hedy, openid, RelyingParty } from '../support/relying-party.mjs';
import { visit } from '../support/visit.mjs';

const algorithms = { 'Evening Paper': 'RS256', 'Elliptic Paper': 'ES256', 'Edwards Paper': 'EdDSA' };
const modes = ['fragment', 'form_post'];

for (const [name, algorithm] of Object.entries(algorithms)) {
  const metadata = { id_token_signed_response_alg: algorithm };

  visit(`id_token alone, ${algorithm}`, async (demo) => {
    const app = await RelyingParty.of(demo, name, { metadata, use: [client.useIdTokenResponseType] });
    for (const response_mode of modes) {
      const asked = await app.ask(new Person(hedy), { response_mode, scope: 'openid email' });
      const told = await app.read(asked, { maxAge: 60 });
      assert.equal(told.email, hedy.email, 'with no access token, the ID token has the claims of the scopes');
      assert.equal(told.at_hash, undefined);
    }
  }, openid);

  visit(`id_token token, ${algorithm}`, async (demo) => {
    const app = await RelyingParty.of(demo, name, { metadata, use: [client.useIdTokenResponseType] });
    for (const response_mode of modes) {
      const asked = await app.ask(new Person(hedy), {
        response_type: 'id_token token',
        response_mode,
        scope: 'openid email',
      });
      const answer = await fields(asked.callback);
      const told = await app.read(asked);
      // The library reads the ID token of such an answer, and leaves its binding to the access token to the app.
      assert.equal(told.at_hash, halfHash(answer.access_token, algorithm));
      assert.equal(told.email, undefined);
      const person = await client.fetchUserInfo(app.config, answer.access_token, told.sub);
      assert.equal(person.email, hedy.email);
      assert.equal(answer.token_type.toLowerCase(), 'bearer');
    }
  }, openid);

  for (const response_type of ['code id_token', 'code id_token token']) {
    visit(`${response_type}, ${algorithm}`, async (demo) => {
      const app = await RelyingParty.of(demo, name, { metadata, use: [client.useCodeIdTokenResponseType] });
      for (const response_mode of modes) {
        const asked = await app.ask(new Person(hedy), { response_type, response_mode, scope: 'openid email' });
        const answer = await fields(asked.callback);
        // The library judges the first ID token, c_hash and all, redeems the code, and judges the second.
        const tokens = await app.redeem(asked, { maxAge: 60 });
        const [first, second] = [payload(answer.id_token), tokens.claims()];
        assert.deepEqual([first.iss, first.sub, first.sid], [second.iss, second.sub, second.sid]);
        assert.equal(second.at_hash, halfHash(tokens.access_token, algorithm));
        assert.equal(first.at_hash, answer.access_token && halfHash(answer.access_token, algorithm));
        for (const token of [answer.access_token, tokens.access_token].filter(Boolean)) {
          assert.equal((await client.fetchUserInfo(app.config, token, second.sub)).email, hedy.email);
        }
        assert.equal((await app.refresh(tokens)).claims().sub, second.sub);
      }
    }, openid);
  }
}

visit('an answer with another code than the one that the ID token is bound to is not taken', async (demo) => {
  const app = await RelyingParty.of(demo, 'Evening Paper', { use: [client.useCodeIdTokenResponseType] });
  const person = new Person(hedy);
  const [one, other] = [await app.ask(person), await app.ask(person)];
  const swapped = new URLSearchParams(one.callback.hash.slice(1));
  swapped.set('code', (await fields(other.callback)).code);
  one.callback.hash = `${swapped}`;
  await assert.rejects(app.redeem(one), { code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' });
}, openid);

/** The members of an answer in a fragment or in a form. */
async function fields(callback) {
  const text = callback instanceof URL ? callback.hash.slice(1) : await callback.clone().text();
  return Object.fromEntries(new URLSearchParams(text));
}

function payload(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
}

/** OpenID Connect Core §3.1.3.6: the left half of a hash, by the hash of the algorithm. */
function halfHash(text, algorithm) {
  const hash = createHash(algorithm === 'EdDSA' ? 'sha512' : 'sha256').update(text).digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}
