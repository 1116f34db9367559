// An answer that a page of ours sends by a form: at once where there are scripts, by its button elsewhere.

import assert from 'node:assert/strict';

import { alice, authorizeUrl, withClient } from '../support/client.mjs';
import { agree, cancel, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';

inChromium();

const asked = { response_mode: 'form_post', state: 'a "b" <c> & d' };

/** What the client got: one POST, and nothing in any address. */
function posted(client) {
  const posts = client.visits.filter(({ method }) => method === 'POST');
  assert.equal(posts.length, 1);
  assert.equal(posts[0].url, '/callback');
  assert.ok(client.visits.every(({ url }) => !url.includes('?')));
  return Object.fromEntries(new URLSearchParams(posts[0].body));
}

story('the form is sent at once', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client, asked));
  await signIn(page, alice);
  await agree(page);
  await page.waitForSelector('#client');
  const answer = posted(client);
  assert.equal(answer.state, asked.state);
  assert.equal(answer.iss, demo.accounts);
  const token = { headers: { authorization: `Bearer ${answer.access_token}` } };
  assert.equal((await fetch(`${demo.api}/me`, token)).status, 200);
});

story('without script its button sends it', { ...withClient(), window: { javaScriptEnabled: false } }, async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client, asked));
  await signIn(page, alice);
  await cancel(page);
  assert.equal(await page.innerText('h1'), 'Back to the app');
  assert.ok((await page.innerText('main')).includes(client.origin));
  await page.click('#continue');
  await page.waitForSelector('#client');
  assert.deepEqual(posted(client), { error: 'access_denied', state: asked.state, iss: demo.accounts });
});
