// Every page works with JavaScript switched off.

import assert from 'node:assert/strict';

import { alice, authorizeUrl, bob, parameters, withClient } from '../support/client.mjs';
import { agree, cancel, consent, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';

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
  await page.goto(`${demo.accounts}/logout`);
  await page.locator('main form button').first().click();
  await page.goto(demo.accounts);
  assert.ok(!(await page.innerText('body')).includes(alice.username));
});
