// A developer's first ten minutes: register an app, be told what is wrong with it, walk the guide with it.

import assert from 'node:assert/strict';

import { parameters, startClient } from '../support/client.mjs';
import { busy, crowded, crowdedApps } from '../support/crowded.mjs';
import { agree, showsRefusal, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';
import { fillInApp } from '../support/walk.mjs';

inChromium();

/** Signs in and opens the dashboard. */
async function openDashboard(page, demo, person = demo.users[0]) {
  await page.goto(`${demo.accounts}/sign-in`);
  await signIn(page, person);
  await page.goto(`${demo.accounts}/dashboard`);
}

/** Registers an app and returns its client id. */
async function register(page, app) {
  await page.click('text=Create app');
  await fillInApp(page, app);
  await page.click('#save');
  await page.waitForSelector('#client-id');
  return (await page.textContent('#client-id')).trim();
}

const beside = { demo: async (t, made) => void (made.client = await startClient(t)) };

story('a registered app gets its first token', beside, async ({ demo, client, page }) => {
  await openDashboard(page, demo);
  const id = await register(page, { name: 'Evening Edition', redirectUri: client.redirectUri });
  assert.match(id, /^[0-9a-f]{32}$/);
  await page.click('text=Try it');
  await agree(page);
  await page.waitForSelector('#client');
  const { access_token: token } = parameters(new URL(page.url()).hash);
  const answer = await fetch(`${demo.api}/me`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
});

story('a redirect URI is judged in words while it is typed', async ({ demo, page }) => {
  await openDashboard(page, demo);
  await page.click('text=Create app');
  await page.fill('#redirect-uri-1', 'http://app.example/callback');
  await page.press('#redirect-uri-1', 'Tab');
  await page.waitForSelector('#redirect-uri-1-problem:visible');
  assert.match(await page.innerText('#redirect-uri-1-problem'), /localhost|loopback|https/i);
  await page.fill('#redirect-uri-1', 'http://localhost:8888/callback');
  await page.press('#redirect-uri-1', 'Tab');
  await page.waitForSelector('#redirect-uri-1-problem', { state: 'hidden' });
});

story('the same is judged without script', { window: { javaScriptEnabled: false } }, async ({ demo, page, watch }) => {
  watch.expect(/status of 4\d\d/);
  await openDashboard(page, demo);
  await page.click('text=Create app');
  await fillInApp(page, { name: 'Evening Edition', redirectUri: 'http://app.example/callback' });
  await page.click('#save');
  await page.waitForSelector('#redirect-uri-1-problem:visible');
  assert.equal(await page.inputValue('#app-name'), 'Evening Edition', 'what was typed is still there');
  await page.click('[name="add_row"]');
  await page.waitForSelector('#redirect-uri-2');
});

story('post-logout redirect URIs have rows of their own', async ({ demo, page }) => {
  await openDashboard(page, demo);
  const id = await register(page, { name: 'Evening Edition', redirectUri: 'https://app.example/callback' });
  const settings = `${demo.accounts}/dashboard/apps/${id}/settings`;
  await page.goto(settings);
  assert.equal(await page.isVisible('#post-logout-uri-1'), false, 'folded up');
  await page.click('#openid summary');
  await page.fill('#post-logout-uri-1', 'https://app.example/out');
  await page.click('#openid [data-add-row]');
  await page.fill('#post-logout-uri-2', 'http://app.example/out');
  await page.press('#post-logout-uri-2', 'Tab');
  await page.waitForSelector('#post-logout-uri-2-problem:visible');
  assert.equal(await page.getAttribute('#post-logout-uri-2', 'aria-label'), 'Post-logout redirect URI 2');
  assert.equal(await page.locator('[name="redirect_uri"]').count(), 1, 'the other list is as it was');
  await page.fill('#post-logout-uri-2', 'https://app.example/bye');
  await page.check('#subject-type-pairwise');
  await page.click('#save');
  await page.waitForSelector('[role="status"]:visible');
  await page.goto(settings);
  assert.ok(await page.isChecked('#subject-type-pairwise'), 'unfolded, because something is settled');
  assert.equal(await page.inputValue('#post-logout-uri-2'), 'https://app.example/bye');
});

story('ru_26_a_removed_redirect_uri_counts_at_once', beside, async ({ demo, client, page, watch }) => {
  watch.expect(/status of 400/);
  await openDashboard(page, demo);
  const id = await register(page, { name: 'Evening Edition', redirectUri: client.redirectUri });
  const request = await page.getByRole('link', { name: 'Try it' }).getAttribute('href');

  const developer = await page.context().newPage();
  await page.goto(new URL(request, demo.accounts).href); // the question lies open
  await developer.goto(`${demo.accounts}/dashboard/apps/${id}/settings`);
  await developer.fill('#redirect-uri-1', `${client.origin}/elsewhere`);
  await developer.click('#save');
  await developer.waitForSelector('[role="status"]:visible');

  await agree(page);
  await showsRefusal(page, 'INVALID_CLIENT: Invalid redirect URI');
  assert.equal(client.visits.length, 0);
});

story('az_07_an_unticked_grant_counts_at_once', beside, async ({ demo, client, page }) => {
  await openDashboard(page, demo);
  const id = await register(page, { name: 'Evening Edition', redirectUri: client.redirectUri });
  const request = await page.getByRole('link', { name: 'Try it' }).getAttribute('href');

  const developer = await page.context().newPage();
  await page.goto(new URL(request, demo.accounts).href);
  await developer.goto(`${demo.accounts}/dashboard/apps/${id}/settings`);
  await developer.uncheck('#grant-implicit');
  await developer.check('#grant-authorization_code');
  await developer.click('#save');
  await developer.waitForSelector('[role="status"]:visible');

  await agree(page);
  await page.waitForSelector('#client');
  const answer = parameters(new URL(page.url()).hash);
  assert.equal(answer.error, 'unauthorized_client');
  assert.equal(answer.access_token, undefined);
});

story('db_01_nobody_sees_the_app_of_another_person', async ({ demo, page, watch }) => {
  watch.expect(/status of 404/);
  await openDashboard(page, demo, demo.users[0]);
  const foreign = demo.apps.find((app) => app.owner !== demo.users[0].username);
  const answers = [];
  for (const id of [foreign.client_id, 'f'.repeat(32)]) {
    for (const path of ['', '/settings', '/delete']) {
      const answer = await page.goto(`${demo.accounts}/dashboard/apps/${id}${path}`);
      answers.push(answer.status());
      assert.ok(!(await page.innerText('body')).includes(foreign.name));
    }
  }
  assert.deepEqual(new Set(answers), new Set([404]));
});

story('an app is deleted after a question, and is gone', async ({ demo, page, watch }) => {
  watch.expect(/status of 40[04]/);
  await openDashboard(page, demo);
  const id = await register(page, { name: 'Evening Edition', redirectUri: 'https://app.example/callback' });
  await page.goto(`${demo.accounts}/dashboard/apps/${id}/delete`);
  await page.click('#delete');
  await page.waitForURL(/\/dashboard(\?.*)?$/);
  assert.ok(!(await page.innerText('main')).includes(id));
  await page.goto(`${demo.accounts}/authorize?response_type=token&client_id=${id}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback`);
  await showsRefusal(page, 'INVALID_CLIENT: Invalid client');
});

story('db_04_what_developers_type_is_text', async ({ demo, page, context }) => {
  const name = '"><img src=x onerror=alert(1)>';
  let alerts = 0;
  context.on('dialog', (dialog) => ((alerts += 1), dialog.dismiss()));
  await openDashboard(page, demo);
  const id = await register(page, { name, description: '<script>alert(2)</script>', redirectUri: `${demo.app}/callback` });
  for (const path of ['', '/settings', '/delete']) {
    await page.goto(`${demo.accounts}/dashboard/apps/${id}${path}`);
    assert.equal(await page.locator('main img').count(), 0);
  }
  await page.goto(`${demo.accounts}/dashboard/apps/${id}`);
  await page.click('text=Try it');
  await page.waitForSelector('#auth-accept');
  assert.ok((await page.innerText('main')).includes(name));
  assert.equal(await page.locator('main img').count(), 0);
  assert.equal(alerts, 0);
});

story('a developer with two hundred apps finds their way', { demo: { apps: crowded } }, async ({ demo, page }) => {
  await openDashboard(page, demo, busy);
  const seen = new Set();
  for (;;) {
    for (const id of await page.locator('main code').allInnerTexts()) seen.add(id);
    const older = page.getByRole('link', { name: 'Older' });
    if (!(await older.count())) break;
    await older.click();
    await page.waitForLoadState();
  }
  assert.equal(seen.size, crowdedApps);
});
