// openid-client as an OpenID Connect library: people sign in by a code, and it judges every ID token.

import assert from 'node:assert/strict';

import { Person } from '../support/person.mjs';
import { hedy, openid, RelyingParty } from '../support/relying-party.mjs';
import { anyPort, visit } from '../support/visit.mjs';

const everything = 'openid profile email address phone';

visit('discovery, a code with PKCE and nonce, an ID token, userinfo, refresh', async (demo) => {
  const app = await RelyingParty.of(demo, 'Pocket Paper', { redirectUri: anyPort });
  const before = Math.floor(Date.now() / 1000);
  const tokens = await app.signIn(new Person(hedy), { scope: everything });
  const told = tokens.claims();
  assert.equal(told.iss, demo.accounts);
  assert.equal(told.aud, app.config.clientMetadata().client_id);
  assert.equal(told.azp, told.aud);
  assert.ok(told.auth_time >= before && told.auth_time <= told.iat);
  assert.equal(told.acr, '1');
  assert.deepEqual(told.amr, ['pwd']);
  assert.equal(typeof told.sid, 'string');
  assert.equal(told.email, undefined, 'the claims of scopes come from userinfo (OpenID Connect Core §5.4)');

  const { updated_at, ...person } = await app.userinfo(tokens);
  assert.deepEqual(person, {
    sub: told.sub,
    name: 'Hedy Lamarr',
    given_name: 'Hedy',
    family_name: 'Lamarr',
    middle_name: 'Eva',
    nickname: 'Hedl',
    preferred_username: 'hedy',
    profile: 'https://people.example/hedy',
    picture: 'https://people.example/hedy.png',
    website: 'https://hedy.example/',
    gender: 'female',
    birthdate: '1914-11-09',
    zoneinfo: 'Europe/Vienna',
    locale: 'de-AT',
    email: hedy.email,
    email_verified: true,
    phone_number: '+4312345678',
    phone_number_verified: true,
    address: person.address,
  });
  assert.ok(Number.isInteger(updated_at));
  assert.equal(person.address.street_address, 'Hauptstraße 1\nStiege 2');
  assert.equal(person.address.country, 'AT');

  const refreshed = await app.refresh(tokens);
  const { sub, auth_time, sid, nonce } = refreshed.claims();
  assert.deepEqual([sub, auth_time, sid, nonce], [told.sub, told.auth_time, told.sid, undefined]);
  assert.equal((await app.userinfo(refreshed)).email, hedy.email);
}, openid);

for (const [name, algorithm] of [
  ['Signed Paper', 'RS256'],
  ['Elliptic Paper', 'ES256'],
  ['Edwards Paper', 'EdDSA'],
]) {
  visit(`ID tokens and userinfo signed with ${algorithm}`, async (demo) => {
    const metadata = { id_token_signed_response_alg: algorithm, userinfo_signed_response_alg: algorithm };
    const app = await RelyingParty.of(demo, name, { metadata });
    const tokens = await app.signIn(new Person(hedy), { scope: 'openid email' });
    const { email, iss, aud } = await app.userinfo(tokens);
    const { client_id: id } = app.config.clientMetadata();
    assert.deepEqual([email, iss, aud], [hedy.email, demo.accounts, id]);
    assert.equal((await app.refresh(tokens)).claims().sub, tokens.claims().sub);
  }, openid);
}

visit('the library takes no answer that another nonce, state or issuer would fit', async (demo) => {
  const app = await RelyingParty.of(demo, 'Evening Paper');
  const person = new Person(hedy);
  const another = { expectedNonce: 'another', expectedState: 'another' };
  for (const [name, value] of Object.entries(another)) {
    const asked = await app.ask(person);
    await assert.rejects(app.redeem(asked, { [name]: value }), { name: 'ClientError' });
  }
  const asked = await app.ask(person);
  asked.callback.searchParams.set('iss', 'https://another.example');
  await assert.rejects(app.redeem(asked), { name: 'ClientError' });
}, openid);

visit('prompt and max_age say when somebody must prove again who they are', async (demo) => {
  const app = await RelyingParty.of(demo, 'Evening Paper');
  const person = new Person(hedy);
  const silently = async (parameters) => app.redeem(await app.ask(person, { prompt: 'none', ...parameters }));
  const refused = (error) => ({ name: 'AuthorizationResponseError', error });

  await assert.rejects(silently(), refused('login_required'));
  const first = await app.signIn(person, { max_age: '3600' });
  const { sub, auth_time, sid } = first.claims();
  const again = (await silently({ max_age: '3600' })).claims();
  assert.deepEqual([again.sub, again.auth_time, again.sid], [sub, auth_time, sid]);
  await assert.rejects(silently({ scope: 'openid email' }), refused('consent_required'));

  const asked = await app.ask(person, { prompt: 'login', max_age: '0' });
  const proven = (await app.redeem(asked, { maxAge: 60 })).claims();
  assert.equal(proven.sub, sub);
  assert.notEqual(proven.sid, sid, 'a new sign-in is a new session');
}, openid);

visit('id_token_hint and login_hint: silently for the person that is meant, and for nobody else', async (demo) => {
  const app = await RelyingParty.of(demo, 'Evening Paper');
  const [person, other] = [new Person(hedy), new Person(demo.users[0])];
  const { id_token: hint } = await app.signIn(person, { login_hint: hedy.username });
  await app.signIn(other);
  const silently = (who) => app.signIn(who, { prompt: 'none', id_token_hint: hint });
  assert.ok((await silently(person)).claims().sub);
  await assert.rejects(silently(other), { name: 'AuthorizationResponseError', error: 'login_required' });
}, openid);

visit('the parameter claims asks for single claims, for the ID token and for userinfo', async (demo) => {
  const app = await RelyingParty.of(demo, 'Evening Paper');
  const claims = {
    id_token: { email: null, auth_time: { essential: true }, acr: { values: ['1'] } },
    userinfo: { name: { essential: true }, nonsense: null },
  };
  const tokens = await app.signIn(new Person(hedy), { claims: JSON.stringify(claims) });
  assert.equal(tokens.claims().email, hedy.email);
  assert.equal(tokens.claims().name, undefined);
  assert.deepEqual(await app.userinfo(tokens), { sub: tokens.claims().sub, name: 'Hedy Lamarr' });
}, openid);

visit('a pairwise app knows people by names of its own, which last', async (demo) => {
  const person = new Person(hedy);
  const subjects = async (name, redirectUri) => {
    const app = await RelyingParty.of(demo, name, { redirectUri });
    const tokens = await app.signIn(person);
    assert.equal((await app.userinfo(tokens)).sub, tokens.claims().sub);
    return [tokens.claims().sub, (await app.signIn(new Person(hedy))).claims().sub];
  };
  const [discreet, evening, pocket] = [
    await subjects('Discreet Paper'),
    await subjects('Evening Paper'),
    await subjects('Pocket Paper', anyPort),
  ];
  for (const [first, second] of [discreet, evening, pocket]) assert.equal(first, second);
  assert.equal(evening[0], pocket[0], 'apps that know people by public names know them by the same one');
  assert.notEqual(discreet[0], evening[0]);
}, openid);
