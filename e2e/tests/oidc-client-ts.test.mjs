// oidc-client-ts in Chromium: people sign in at an app of one page, stay signed in without a word, and sign out.

import assert from 'node:assert/strict';

import { entryOf, settingsOf, startOpenIdApp } from '../support/openid-app.mjs';
import { agree, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';

inChromium();

/** The settings of a story with the app, which may use these grants. */
function withApp(...grants) {
  return {
    demo: async (t, beside) => {
      beside.app = await startOpenIdApp(t);
      return { apps: entryOf(beside.app, grants) };
    },
  };
}

/** From the app's first page to its callback: sign in, agree. Says as whom. */
async function walk({ page, demo, app }) {
  app.settings = settingsOf(app, demo.accounts);
  await page.goto(app.origin);
  await page.evaluate(() => void manager.signinRedirect({ state: { from: 'the first page' } }));
  await signIn(page, demo.users[0]);
  await agree(page);
  return answer(page);
}

/** What the library made of the answer that the page got. */
async function answer(page) {
  await page.waitForFunction(() => document.querySelector('#answer')?.textContent || document.querySelector('#problem')?.textContent);
  assert.equal(await page.textContent('#problem'), '');
  return JSON.parse(await page.textContent('#answer'));
}

/** Asks for new tokens without the person; the user that the library then has, or what it complains of. */
function renewed(page) {
  return page.evaluate(() => manager.signinSilent().then(({ access_token, profile }) => ({ access_token, profile }), ({ error, message }) => ({ error: error ?? message })));
}

story('a person signs in by a redirect, and the app reads who it is', withApp('authorization_code'), async ({ demo, app, page }) => {
  const requests = [];
  page.on('request', (request) => requests.push(request));
  const [person] = demo.users;
  const user = await walk({ page, demo, app });
  assert.equal(user.profile.iss, demo.accounts);
  assert.equal(user.profile.aud, app.id);
  assert.equal(user.profile.preferred_username, person.username);
  assert.equal(user.profile.email, person.email);
  assert.equal(user.scope, 'openid profile email');
  assert.equal(user.state.from, 'the first page', 'what the app keeps for itself stays with it');

  const at = (path) => requests.filter((request) => request.url().startsWith(`${demo.accounts}${path}`));
  assert.ok(at('/.well-known/openid-configuration').length);
  const asked = new URL(at('/authorize?')[0].url()).searchParams;
  assert.equal(asked.get('code_challenge_method'), 'S256');
  const [userinfo] = at('/userinfo');
  assert.equal(userinfo.headers().authorization, `Bearer ${user.access_token}`);
  const secrets = [user.access_token, user.id_token];
  assert.ok(requests.every((request) => secrets.every((secret) => !request.url().includes(secret))));
});

story('silently in a frame, where no page of ours is ever shown', withApp('authorization_code'), async ({ demo, app, page }) => {
  const { access_token: first, profile } = await walk({ page, demo, app });
  const shown = [];
  page.on('framenavigated', (frame) => shown.push(new URL(frame.url()).origin));
  const asked = page.waitForRequest((request) => request.url().includes('prompt=none'));
  const second = await renewed(page);
  assert.ok((await asked).frame().parentFrame(), 'it was asked in a frame');
  assert.equal(second.profile.sub, profile.sub);
  assert.notEqual(second.access_token, first);
  assert.ok(!shown.includes(demo.accounts), 'the answer to a frame is a redirect, whatever is answered');
  const api = await fetch(`${demo.accounts}/userinfo`, { headers: { authorization: `Bearer ${second.access_token}` } });
  assert.equal(api.status, 200);
});

story('who has signed out meanwhile is not renewed, and the app is told why', withApp('authorization_code'), async ({ demo, app, page, context }) => {
  await walk({ page, demo, app });
  const shown = [];
  page.on('framenavigated', (frame) => shown.push(new URL(frame.url()).origin));
  const account = await context.newPage();
  await account.goto(`${demo.accounts}/sign-out`);
  await account.click('#sign-out-button');
  await account.getByText('You are signed out').waitFor();
  assert.deepEqual(await renewed(page), { error: 'login_required' });
  assert.ok(!shown.includes(demo.accounts));
});

story('by a refresh token, without any frame', withApp('authorization_code', 'refresh_token'), async ({ demo, app, page }) => {
  const { access_token: first, profile } = await walk({ page, demo, app });
  const asked = [];
  page.on('request', (request) => asked.push(request));
  const second = await renewed(page);
  assert.equal(second.profile.sub, profile.sub);
  assert.notEqual(second.access_token, first);
  const forms = asked.filter((request) => request.url() === `${demo.accounts}/api/token` && request.method() === 'POST');
  assert.deepEqual(forms.map((request) => new URLSearchParams(request.postData()).get('grant_type')), ['refresh_token']);
  assert.ok(asked.every((request) => !request.isNavigationRequest()));
  await page.evaluate(() => manager.revokeTokens());
  assert.equal((await fetch(`${demo.accounts}/userinfo`, { headers: { authorization: `Bearer ${second.access_token}` } })).status, 401);
});

story('signing out at the app signs out here, and leads back to the app', withApp('authorization_code'), async ({ demo, app, page }) => {
  await walk({ page, demo, app });
  const asked = page.waitForRequest((request) => request.url().startsWith(`${demo.accounts}/logout?`));
  await page.evaluate(() => void manager.signoutRedirect({ state: { to: 'the front page' } }));
  assert.ok(new URL((await asked).url()).searchParams.get('id_token_hint'));
  const { userState, error } = await answer(page);
  assert.equal(new URL(page.url()).pathname, '/goodbye');
  assert.deepEqual([userState?.to, error], ['the front page', null]);
  assert.equal(await page.evaluate(() => manager.getUser()), null);
  assert.deepEqual(await renewed(page), { error: 'login_required' });
});
