// How the answer reaches the client, as only a browser can tell: what Chromium lets pass, what it carries
// along, and what it leaves behind.

import assert from 'node:assert/strict';

import { alice, authorizeUrl, parameters, withClient } from '../support/client.mjs';
import { agree, cancel, consent, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';

inChromium();

story('az_55_the_consent_form_may_lead_to_the_client', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await agree(page);
  await page.waitForSelector('#client');
  const address = new URL(page.url());
  assert.equal(address.origin + address.pathname, client.redirectUri);
  assert.equal(address.search, '');
  const answer = parameters(address.hash);
  assert.deepEqual(Object.keys(answer), ['access_token', 'token_type', 'expires_in', 'state', 'iss']);
  assert.match(answer.access_token, /^[A-Za-z0-9_-]+$/);
  assert.equal(answer.token_type, 'Bearer');
  assert.equal(answer.expires_in, '3600');
  assert.equal(answer.state, 'e2eState12345678');
  assert.equal(answer.iss, demo.accounts);
  const [visit] = client.visits;
  assert.equal(visit.method, 'GET', 'az_37: what was posted to us is not posted on');
  assert.equal(visit.url, '/callback', 'the token is not sent to any server');
});

story('az_55_the_sign_in_form_may_end_at_the_client', withClient(), async ({ demo, client, page }) => {
  // Agreed before, signed out since: the answer to the password is the redirect to the client.
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await agree(page);
  await page.waitForSelector('#client');
  await page.context().clearCookies();

  await page.goto(authorizeUrl(demo, client, { state: 'the-second-time' }));
  await signIn(page, alice);
  await page.waitForSelector('#client');
  assert.equal(parameters(new URL(page.url()).hash).state, 'the-second-time');
  assert.equal(client.visits.at(-1).method, 'GET');
});

story('az_36_no_fragment_of_the_request_reaches_the_client', withClient(), async ({ demo, client, page }) => {
  await page.goto(`${authorizeUrl(demo, client)}#access_token=planted`);
  await signIn(page, alice);
  await cancel(page);
  await page.waitForSelector('#client');
  assert.doesNotMatch(page.url(), /planted/);
  assert.equal(new URL(page.url()).hash, '');
  const answer = parameters(new URL(page.url()).search);
  assert.deepEqual(answer, { error: 'access_denied', state: 'e2eState12345678', iss: demo.accounts });

  // And not by the redirect that needs no page.
  await page.goto(authorizeUrl(demo, client));
  await agree(page);
  await page.waitForSelector('#client');
  await page.goto(`${authorizeUrl(demo, client, { scope: 'no-such-scope' })}#access_token=planted`);
  await page.waitForSelector('#client');
  assert.doesNotMatch(page.url(), /planted/);
  assert.equal(parameters(new URL(page.url()).hash).error, 'invalid_scope');
});

story('az_38_the_client_learns_no_address_of_ours', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await agree(page);
  await page.waitForSelector('#client');
  await page.goto(authorizeUrl(demo, client)); // remembered: no page of ours between
  await page.waitForSelector('#client');
  assert.equal(client.visits.length, 2);
  for (const visit of client.visits) assert.equal(visit.headers.referer, undefined);
  assert.equal(await page.evaluate(() => document.referrer), '');
});

story('az_41_co_06_no_page_of_ours_can_be_framed', withClient(), async ({ demo, client, page, watch }) => {
  watch.expect(/frame-ancestors|X-Frame-Options|Refused to (frame|display)|Framing/i);
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await consent(page);
  client.frames.push(authorizeUrl(demo, client), `${demo.accounts}/sign-in`, `${demo.accounts}/sign-out`);
  await page.goto(client.origin);
  await page.waitForLoadState('load');
  const frames = page.frames().filter((frame) => frame !== page.mainFrame());
  assert.equal(frames.length, 3);
  for (const frame of frames) {
    assert.ok(frame.url().startsWith('chrome-error:'), `${frame.url()} was framed`);
    assert.equal(await frame.locator('button, input').count(), 0);
  }
});

story('az_34_a_state_of_strange_letters_comes_back_as_it_was', withClient(), async ({ demo, client, page }) => {
  const state = 'a;b=c&d#e "f" {g} +h %20 ~ ✓ 🎫';
  await page.goto(authorizeUrl(demo, client, { state }));
  await signIn(page, alice);
  await agree(page);
  await page.waitForSelector('#client');
  assert.equal(parameters(new URL(page.url()).hash).state, state);
  await page.goto(authorizeUrl(demo, client, { state, show_dialog: 'true' }));
  await cancel(page);
  await page.waitForSelector('#client');
  assert.equal(new URL(page.url()).searchParams.get('state'), state);
});

story('co_11_only_what_is_new_is_asked_for', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client, { scope: 'user-read-email' }));
  await signIn(page, alice);
  await agree(page);
  await page.waitForSelector('#client');
  await page.goto(authorizeUrl(demo, client, { scope: 'user-read-email user-top-read' }));
  await consent(page);
  assert.ok(await page.getByText('New', { exact: true }).count(), 'what is new is marked');
  await agree(page);
  await page.waitForSelector('#client');
  const { access_token: token } = parameters(new URL(page.url()).hash);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await fetch(`${demo.api}/me/top/tracks`, { headers })).status, 200);
});
