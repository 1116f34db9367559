// Every page works with JavaScript switched off.

import assert from 'node:assert/strict';

import { alice, authorizeUrl, bob, parameters, withClient } from '../support/client.mjs';
import { agree, cancel, consent, signIn } from '../support/pages.mjs';
import { freshWindow, inChromium, story } from '../support/story.mjs';

inChromium();

const withoutScript = { ...withClient(), window: { javaScriptEnabled: false } };

story('the whole way works without script', withoutScript, async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await agree(page);
  await page.waitForSelector('#client');
  const { access_token: token } = parameters(new URL(page.url()).hash);
  const answer = await fetch(`${demo.api}/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  assert.equal((await answer.json()).email, alice.email);
});

story('cancelling and changing the person work without script', withoutScript, async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await consent(page);
  await page.getByText('Not you?').click();
  await signIn(page, bob);
  await consent(page);
  assert.ok((await page.innerText('main')).includes(bob.username));
  await cancel(page);
  await page.waitForSelector('#client');
  assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
});

story('signing up leads back to the question', withoutScript, async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await page.getByRole('link', { name: 'Sign up' }).click();
  await page.fill('[name="username"]', 'carol-e2e');
  await page.fill('[name="email"]', 'carol@e2e.example');
  await page.fill('[name="password"]', 'carol has a long one too');
  await page.keyboard.press('Enter');
  await consent(page);
  assert.ok((await page.innerText('main')).includes('carol-e2e'));
});

story('telling of oneself works without script', withoutScript, async ({ demo, page, watch }) => {
  watch.expect(/status of 422/); // the mistake
  await page.goto(`${demo.accounts}/sign-in`);
  await signIn(page, alice);
  await page.goto(`${demo.accounts}/account/profile`);
  await page.fill('#name', 'Alice Thornbury');
  await page.fill('#birthdate', '31.12.1990');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#birthdate[aria-invalid="true"]');
  assert.equal(await page.inputValue('#name'), 'Alice Thornbury', 'nothing typed is lost');
  await page.fill('#birthdate', '1990-12-31');
  await page.click('#save');
  await page.waitForSelector('[role="status"]');
  assert.equal(await page.inputValue('#birthdate'), '1990-12-31');
});

story('signing out ends it', withoutScript, async ({ demo, page }) => {
  await page.goto(`${demo.accounts}/sign-in`);
  await signIn(page, alice);
  await page.goto(demo.accounts);
  assert.ok((await page.innerText('header')).includes(alice.username));
  await page.goto(`${demo.accounts}/logout?client_id=${demo.sampleApp.client_id}&state=x`);
  assert.match(await page.innerText('main'), /asks you to sign out of Hallpass/);
  await page.click('#sign-out-button');
  assert.equal(await page.innerText('h1'), 'You are signed out');
  await page.goto(demo.accounts);
  assert.ok(!(await page.innerText('body')).includes(alice.username));
});

story('an app that posts its wish gets a button', withoutScript, async ({ demo, page }) => {
  await page.goto(`${demo.accounts}/sign-in`);
  await signIn(page, alice);
  await page.setContent(`<form method="post" action="${demo.accounts}/logout"><button>Sign out</button></form>`);
  await page.click('button');
  await page.click('#continue');
  await page.click('#sign-out-button');
  assert.equal(await page.innerText('h1'), 'You are signed out');
});

story('signing out everywhere ends it in every browser', withoutScript, async ({ demo, page }) => {
  const { context, page: elsewhere } = await freshWindow(withoutScript.window);
  for (const window of [elsewhere, page]) {
    await window.goto(`${demo.accounts}/sign-in`);
    await signIn(window, alice);
  }
  await page.goto(`${demo.accounts}/sign-out`);
  await page.click('text=Sign out everywhere');
  assert.match(await page.innerText('main'), /2 browsers/);
  await page.click('#sign-out-everywhere');
  assert.equal(await page.innerText('h1'), 'You are signed out everywhere');
  await elsewhere.goto(`${demo.accounts}/dashboard`);
  assert.equal(new URL(elsewhere.url()).pathname, '/sign-in');
  await context.close();
});
