// The guide's app after moving to PKCE: from its first click to the profile, and on, without anybody
// being asked again, until the permission ends.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import { agree, cancel, consent, shownProfile, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';

inChromium();

/** From the app's first page to the profile: sign in, agree. */
async function walk(page, demo, person = demo.users[0]) {
  await page.goto(demo.pkce_app);
  await page.click('#login');
  await signIn(page, person);
  await agree(page);
  return shownProfile(page);
}

/** The forms that the page posts to the token endpoint, from now on. */
function tokenRequests(page, demo) {
  const forms = [];
  page.on('request', (request) => {
    if (request.url() === `${demo.accounts}/api/token` && request.method() === 'POST') {
      forms.push(new URLSearchParams(request.postData()));
    }
  });
  return forms;
}

/** Clicks, and waits until the profile was obtained with another access token than before. */
async function obtainedAfter(page, selector) {
  const before = await page.textContent('#obtained');
  await page.click(selector);
  await page.waitForFunction((text) => document.querySelector('#obtained').textContent !== text, before);
  return page.textContent('#obtained');
}

story('a person signs in, agrees, and sees the profile', async ({ demo, page }) => {
  const [person] = demo.users;
  const addresses = [];
  page.on('request', (request) => request.isNavigationRequest() && addresses.push(request.url()));
  const forms = tokenRequests(page, demo);
  assert.equal(await walk(page, demo, person), person.username);
  assert.ok((await page.innerText('#profile')).includes(person.email), 'the e-mail address was asked for');
  assert.equal(page.url(), `${demo.pkce_app}/callback`, 'nothing of the answer stays in the address bar');

  const asked = new URL(addresses.find((address) => address.includes('/authorize?'))).searchParams;
  const [exchange] = forms;
  const challenge = createHash('sha256').update(exchange.get('code_verifier')).digest('base64url');
  assert.equal(asked.get('code_challenge'), challenge);
  assert.equal(asked.get('code_challenge_method'), 'S256');
  const tokens = ['#answer-access_token', '#answer-refresh_token'];
  for (const token of await Promise.all(tokens.map((id) => page.textContent(id)))) {
    assert.match(token, /^hp[a-z]_/);
    assert.ok(addresses.every((address) => !address.includes(token)), 'no token was ever in an address');
  }
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.equal(stored, '[{},{}]', 'the page keeps nothing');
});

story('a person who cancels comes back to the app, which says so', async ({ demo, page }) => {
  const forms = tokenRequests(page, demo);
  await page.goto(demo.pkce_app);
  await page.click('#login');
  await signIn(page, demo.users[0]);
  await cancel(page);
  await page.getByText('You said no').waitFor();
  assert.equal(await page.locator('#profile:visible').count(), 0);
  assert.equal(forms.length, 0);
});

story('an answer that this tab did not ask for is not used', async ({ demo, page }) => {
  const forms = tokenRequests(page, demo);
  await page.goto(`${demo.pkce_app}/callback?code=stolen&state=theirs`);
  await page.getByText('This answer is not for you').waitFor();
  assert.equal(new URL(page.url()).search, '');
  assert.equal(forms.length, 0);
});

story('an access token is renewed, and the old one is not needed', async ({ demo, page }) => {
  await walk(page, demo);
  const first = await page.textContent('#answer-access_token');
  assert.match(await obtainedAfter(page, '#refresh'), /token number 2/);
  assert.notEqual(await page.textContent('#answer-access_token'), first);
  assert.match(await obtainedAfter(page, '#refresh'), /token number 3/);
});

const expiring = { demo: { clock: true, args: ['--token-lifetime', '60'] } };

story('an expired token is renewed without a word to the person', expiring, async ({ demo, page, watch }) => {
  watch.expect(/status of 401/); // the API's answer to the expired token
  await walk(page, demo);
  const pages = [];
  page.on('framenavigated', (frame) => pages.push(frame.url()));
  await demo.clock.advance(61);
  assert.match(await obtainedAfter(page, '#obtain-profile'), /token number 2/);
  assert.deepEqual(pages, [], 'nobody was sent anywhere');
  assert.equal(await page.locator('#notice:visible').count(), 0);
});

story('co_10_what_the_person_takes_back_ends_and_the_app_asks_again', async ({ demo, page, watch, context }) => {
  watch.expect(/status of 40[01]/);
  await walk(page, demo);
  const token = await page.textContent('#answer-access_token');
  const account = await context.newPage();
  await account.goto(demo.accounts);
  await account.getByRole('link', { name: 'Apps with access', exact: true }).click();
  const { name } = demo.pkceApp;
  await account.getByRole('button', { name: 'Remove access', description: name }).click();
  const dialog = account.getByRole('dialog');
  await dialog.getByText('It stops working within a second, everywhere.').waitFor();
  await dialog.getByRole('button', { name: 'Remove access' }).click();
  await account.getByText(`${name} no longer has access.`).waitFor();

  const answer = await fetch(`${demo.api}/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 401);
  await page.click('#obtain-profile');
  await page.getByText('Your permission has ended').waitFor();
  assert.equal(await page.locator('#profile:visible').count(), 0);
  await page.click('#ask-again');
  await consent(page);
  await agree(page);
  assert.equal(await shownProfile(page), demo.users[0].username);
});

story('without script access is removed just the same', { window: { javaScriptEnabled: false } }, async ({ demo, page }) => {
  const [person] = demo.users;
  await page.goto(`${demo.accounts}/account`);
  await signIn(page, person);
  await page.getByRole('heading', { name: 'Apps with access' }).waitFor();
  await page.getByRole('button', { name: 'Remove access' }).click(); // what the demo's first token rests on
  await page.getByText('Next time it will ask you again.').waitFor();
  await page.click('#remove');
  await page.getByText('no longer has access.').waitFor();
  assert.ok((await page.innerText('main')).includes('No app has access'));
});
