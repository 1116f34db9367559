// Two tabs, the Back button, a form that lay open too long: nothing about a pending request is stored,
// so none of them can disturb another.

import assert from 'node:assert/strict';

import { alice, authorizeUrl, bob, parameters, withClient } from '../support/client.mjs';
import { agree, cancel, consent, showsRefusal, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';

inChromium();

const fragment = (page) => parameters(new URL(page.url()).hash);

story('az_51_two_tabs_each_keep_their_own_request', withClient(), async ({ demo, client, context, page }) => {
  await page.goto(authorizeUrl(demo, client, { state: 'first-tab' }));
  await signIn(page, alice);
  await consent(page);
  const other = await context.newPage();
  await other.goto(authorizeUrl(demo, client, { state: 'second-tab', scope: 'user-read-email' }));
  await agree(other);
  await other.waitForSelector('#client');
  assert.equal(fragment(other).state, 'second-tab');
  await agree(page);
  await page.waitForSelector('#client');
  assert.equal(fragment(page).state, 'first-tab');
});

story('az_51_signing_in_in_two_tabs_works_in_both', withClient(), async ({ demo, client, context, page }) => {
  const other = await context.newPage();
  await page.goto(authorizeUrl(demo, client, { state: 'first-tab' }));
  await other.goto(authorizeUrl(demo, client, { state: 'second-tab' }));
  await signIn(page, alice);
  await consent(page);
  await signIn(other, alice);
  await agree(other);
  await other.waitForSelector('#client');
  assert.equal(fragment(other).state, 'second-tab');
});

story('after a denial the Back button leads to a question that can be answered', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await cancel(page);
  await page.waitForSelector('#client');
  await page.goBack();
  await agree(page);
  await page.waitForSelector('#client');
  assert.ok(fragment(page).access_token);
});

story('co_13_a_page_of_one_person_grants_nothing_for_another', withClient(), async ({ demo, client, context, page, watch }) => {
  watch.expect(/status of 40[03]/);
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await consent(page);

  const other = await context.newPage();
  await other.goto(authorizeUrl(demo, client));
  await other.getByText('Not you?').click();
  await signIn(other, bob);
  await consent(other);

  await agree(page); // alice's page, bob's session
  await showsRefusal(page, 'This page is out of date');
  assert.equal(client.visits.length, 0);
  await page.locator('main a.button, main button').first().click(); // starts again
  await consent(page);
  assert.ok((await page.innerText('main')).includes(bob.username));
});

story('co_03_answering_twice_gives_no_error_of_ours', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await consent(page);
  await page.dblclick('#auth-accept');
  await page.waitForSelector('#client');
  assert.ok(fragment(page).access_token);
});

story('after signing out the Back button shows nothing of the person', withClient(), async ({ demo, page }) => {
  await page.goto(`${demo.accounts}/sign-in`);
  await signIn(page, alice);
  await page.goto(`${demo.accounts}/dashboard`);
  assert.ok((await page.innerText('body')).includes(alice.username));
  await page.goto(`${demo.accounts}/sign-out`);
  await page.locator('main form button').first().click();
  await page.waitForLoadState();
  for (let steps = 0; steps < 2; steps += 1) {
    await page.goBack();
    await page.waitForLoadState();
    assert.ok(!(await page.innerText('body')).includes(alice.username), page.url());
  }
});
