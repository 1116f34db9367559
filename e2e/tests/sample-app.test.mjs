// The guide, walked by a person: the sample app from its first click to the profile, and every way on
// which that can go otherwise.

import assert from 'node:assert/strict';

import { agree, cancel, consent, shownProfile, showsRefusal, signIn } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';

inChromium();

/** From the app's first page to the profile: sign in, agree. */
async function walkTheGuide(page, demo, person = demo.users[0]) {
  await page.goto(demo.app);
  await page.click('#login');
  await signIn(page, person);
  await agree(page);
  return shownProfile(page);
}

story('a person signs in, agrees, and sees the profile', async ({ demo, page }) => {
  const [person] = demo.users;
  assert.equal(await walkTheGuide(page, demo, person), person.username);
  assert.ok((await page.innerText('#profile')).includes(person.email), 'the e-mail address was asked for');
  assert.ok(page.url().startsWith(`${demo.app}/`), 'the person is back at the app');
  assert.equal(new URL(page.url()).hash, '', 'the token does not stay in the address bar');
});

story('the app asks for the consent page only after signing in', async ({ demo, page }) => {
  await page.goto(demo.app);
  await page.click('#login');
  await page.waitForSelector('#login-username');
  assert.equal(await page.locator('#auth-accept').count(), 0);
  assert.ok((await page.innerText('main')).includes(demo.sampleApp.name), 'the page says what for');
});

story('the consent page says who asks, what for, and where it leads', async ({ demo, page }) => {
  const [person] = demo.users;
  await page.goto(demo.app);
  await page.click('#login');
  await signIn(page, person);
  await consent(page);
  const text = await page.innerText('main');
  for (const said of [demo.sampleApp.name, demo.sampleApp.owner, new URL(demo.app).host, person.username]) {
    assert.ok(text.includes(said), `the page does not say ${said}`);
  }
  assert.doesNotMatch(text, /\b(OAuth|scopes?|grants?)\b/i, 'these are not words of the people who read this');
});

story('a wrong password is answered on the page and the right one still works', async ({ demo, page, watch }) => {
  watch.expect(/status of 4\d\d/);
  const [person] = demo.users;
  await page.goto(demo.app);
  await page.click('#login');
  await signIn(page, { username: person.username, password: 'not this one' });
  await page.waitForSelector('[role="alert"]');
  assert.equal(await page.inputValue('#login-password'), '');
  await signIn(page, person);
  await agree(page);
  assert.equal(await shownProfile(page), person.username);
});

story('a person who cancels comes back to the app, which says so', async ({ demo, page }) => {
  await page.goto(demo.app);
  await page.click('#login');
  await signIn(page, demo.users[0]);
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.url().startsWith(`${demo.app}/callback`)),
    cancel(page),
  ]);
  const query = new URL(request.url()).searchParams;
  assert.equal(query.get('error'), 'access_denied');
  assert.equal(query.get('state').length, 16, "the guide's sample makes a state of 16 characters");
  await page.getByText('You said no').waitFor();
  assert.equal(await page.locator('#profile:visible').count(), 0);
});

story('an answer that this browser did not ask for is not used', async ({ demo, page }) => {
  await page.goto(`${demo.app}/callback#access_token=stolen&token_type=Bearer&expires_in=3600&state=theirs`);
  await page.getByText('This answer is not for you').waitFor();
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(await page.locator('#profile:visible').count(), 0);
});

story('the second time there is no page between the app and the profile', async ({ demo, page }) => {
  await walkTheGuide(page, demo);
  await page.goto(demo.app);
  const pages = [];
  page.on('framenavigated', (frame) => pages.push(frame.url()));
  await page.click('#login');
  assert.equal(await shownProfile(page), demo.users[0].username);
  const shown = pages.filter((address) => address.startsWith(demo.accounts));
  assert.deepEqual(shown, [], 'the accounts service showed a page');
});

story('co_15_show_dialog_shows_the_page_again', async ({ demo, page }) => {
  await walkTheGuide(page, demo);
  await page.goto(demo.app);
  await page.check('#show-dialog');
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.url().startsWith(`${demo.accounts}/authorize?`)),
    page.click('#login'),
  ]);
  assert.equal(new URL(request.url()).searchParams.get('show_dialog'), 'true');
  await agree(page);
  assert.equal(await shownProfile(page), demo.users[0].username);
});

story('"Not you?" lets another person sign in and comes back to the same question', async ({ demo, page }) => {
  const [first, second] = demo.users;
  await page.goto(demo.app);
  await page.click('#login');
  await signIn(page, first);
  await consent(page);
  await page.getByText('Not you?').click();
  await signIn(page, second);
  await consent(page);
  const text = await page.innerText('main');
  assert.ok(text.includes(second.username) && !text.includes(`as ${first.username}`));
  await agree(page);
  assert.equal(await shownProfile(page), second.username);
});

story('az_01_az_02_a_wrong_redirect_uri_gets_a_page_and_no_way_on', async ({ demo, page, watch }) => {
  watch.expect(/status of 400/);
  const wrong = `${demo.app}/Callback`; // the guide: "including upper or lowercase"
  const address = (changes) =>
    `${demo.accounts}/authorize?` +
    new URLSearchParams({
      response_type: 'token',
      client_id: demo.sampleApp.client_id,
      redirect_uri: `${demo.app}/callback`,
      ...changes,
    });
  const answer = await page.goto(address({ redirect_uri: wrong, scope: 'no-such-scope' }));
  assert.equal(answer.status(), 400);
  await showsRefusal(page, 'INVALID_CLIENT: Invalid redirect URI');
  assert.equal(await page.locator('#login-username').count(), 0, 'nobody signs in only to read an error');
  assert.equal(await page.locator(`a[href^="${demo.app}"]`).count(), 0);

  await page.goto(address({ client_id: 'f'.repeat(32) }));
  await showsRefusal(page, 'INVALID_CLIENT: Invalid client');
  assert.ok(page.url().startsWith(demo.accounts));
});

story(
  'an expired token is refused by the API, and the app asks again',
  { demo: { clock: true, args: ['--token-lifetime', '60'] } },
  async ({ demo, page, watch }) => {
    watch.expect(/status of 401/);
    const [person] = demo.users;
    assert.equal(await walkTheGuide(page, demo, person), person.username);

    await demo.clock.advance(61);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().startsWith(`${demo.api}/me`)),
      page.click('#obtain-profile'),
    ]);
    assert.equal(answer.status(), 401);
    assert.deepEqual(await answer.json(), { error: { status: 401, message: 'The access token expired' } });
    await page.getByText('The access token expired').waitFor();

    // The person is still signed in and has agreed already: asking again takes one click, and no page.
    const [request] = await Promise.all([
      page.waitForRequest((request) => request.url().startsWith(`${demo.accounts}/authorize?`)),
      page.click('#ask-again'),
    ]);
    assert.ok(request.isNavigationRequest());
    assert.equal(await shownProfile(page), person.username);
  },
);
