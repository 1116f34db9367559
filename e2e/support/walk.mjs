// A walk over every page that there is, for checks that hold on all of them and for the pictures.

import { busy, crowded, crowdedRequests, longApp, longRequest } from './crowded.mjs';
import { consent, signIn } from './pages.mjs';

/** All scopes of the demo that an ordinary app may ask for: the longest consent page. */
export const everyScope = [
  'user-read-email user-read-private',
  'user-read-playback-state user-read-currently-playing user-read-playback-position user-top-read',
  'user-read-recently-played user-follow-read user-library-read playlist-read-private',
  'playlist-read-collaborative ugc-image-upload user-modify-playback-state app-remote-control streaming',
  'playlist-modify-private playlist-modify-public user-follow-modify user-library-modify',
].join(' ');

/** The authorization request of the demo's sample app. */
export function sampleRequest(demo, changes = {}) {
  const query = new URLSearchParams({
    response_type: 'token',
    client_id: demo.sampleApp.client_id,
    scope: 'user-read-private user-read-email',
    redirect_uri: `${demo.app}/callback`,
    state: 'e2eState12345678',
    ...changes,
  });
  return `${demo.accounts}/authorize?${query}`;
}

/** What the demo of a walk is started with: a crowded world beside the demo's own. */
export const walkedDemo = { apps: crowded };

/** Opens one page after another and yields the name of each while it is open. */
export async function* everyPage(demo, page) {
  yield* pagesOfStrangers(demo, page);
  yield* pagesOfThePersonAsked(demo, page);
  yield* pagesOfTheAccount(demo, page);
  yield* pagesOfDevelopers(demo, page);
  await page.goto(`${demo.accounts}/logout?client_id=${demo.sampleApp.client_id}`);
  yield { name: 'logout' };
  await page.goto(`${demo.accounts}/account/sign-out-everywhere`);
  yield { name: 'sign-out-everywhere' };
  await page.goto(`${demo.accounts}/sign-out`);
  yield { name: 'sign-out' };
  await page.locator('main form button').first().click();
  await page.waitForLoadState();
  yield { name: 'signed-out' };
  yield* crowdedPages(demo, page);
}

async function* pagesOfStrangers(demo, page) {
  await page.goto(demo.app);
  yield { name: 'sample-app' };
  await page.goto(demo.accounts);
  yield { name: 'home' };
  await page.goto(sampleRequest(demo, { redirect_uri: `${demo.app}/elsewhere` }));
  yield { name: 'refusal-redirect-uri' };
  await page.goto(sampleRequest(demo, { client_id: '' }));
  yield { name: 'refusal-missing' };
  await page.goto(`${demo.accounts}/no-such-page`);
  yield { name: 'not-found' };
  await page.goto(`${demo.accounts}/sign-up`);
  yield { name: 'sign-up' };
  await page.fill('[name="username"]', 'x');
  await page.fill('[name="email"]', 'x@x');
  await page.fill('[name="password"]', 'short');
  await page.locator('main form button:not([type="button"])').first().click();
  await page.waitForLoadState();
  yield { name: 'sign-up-problems' };
}

async function* pagesOfThePersonAsked(demo, page) {
  const [person] = demo.users;
  await page.goto(sampleRequest(demo));
  yield { name: 'sign-in' };
  await signIn(page, { username: person.username, password: 'not this one' });
  await page.waitForSelector('[role="alert"]');
  yield { name: 'sign-in-problem' };
  await signIn(page, person);
  await consent(page);
  yield { name: 'consent' };
  await page.goto(sampleRequest(demo, { scope: '' }));
  await consent(page);
  yield { name: 'consent-public' };
  await page.goto(sampleRequest(demo, { scope: everyScope }));
  await consent(page);
  yield { name: 'consent-everything' };
  await page.goto(demo.app);
  await page.click('#login');
  await page.click('#auth-accept');
  await page.waitForSelector('#profile:visible');
  yield { name: 'sample-app-profile' };
  await page.goto(sampleRequest(demo, { scope: everyScope }));
  await consent(page);
  yield { name: 'consent-more' };
  await page.goto(demo.app);
  await page.check('#show-dialog');
  await page.click('#login');
  await page.click('#auth-cancel');
  await page.waitForSelector('#notice:visible');
  yield { name: 'sample-app-denied' };
  yield* pagesOfThePkceApp(demo, page);
}

async function* pagesOfThePkceApp(demo, page) {
  await page.goto(demo.pkce_app);
  yield { name: 'pkce-app' };
  await page.click('#login');
  await consent(page);
  yield { name: 'consent-renewable' };
  await page.click('#auth-accept');
  await page.waitForSelector('#profile:visible');
  await page.click('#answer summary');
  yield { name: 'pkce-app-profile' };
}

async function* pagesOfTheAccount(demo, page) {
  await page.goto(`${demo.accounts}/account/profile`);
  yield { name: 'account-profile' };
  await page.fill('#birthdate', '10.12.1992');
  await page.fill('#website', 'ada');
  await page.click('#save');
  await page.waitForSelector('[role="alert"]');
  yield { name: 'account-profile-problems' };
  await page.fill('#birthdate', '1992-12-10');
  await page.fill('#website', '');
  await page.click('#save');
  await page.waitForSelector('.banner[role="status"]');
  yield { name: 'account-profile-saved' };
  await page.goto(`${demo.accounts}/account/apps`);
  yield { name: 'account-apps' };
  await page.locator('.access .danger').first().click();
  await page.waitForSelector('dialog[open]');
  yield { name: 'account-apps-dialog' };
  await page.goto(`${demo.accounts}/account/apps/remove?client_id=${demo.sampleApp.client_id}`);
  yield { name: 'account-apps-remove' };
  await page.click('#remove');
  await page.waitForSelector('[role="status"]');
  yield { name: 'account-apps-removed' };
}

async function* pagesOfDevelopers(demo, page) {
  const dashboard = `${demo.accounts}/dashboard`;
  await page.goto(demo.accounts);
  yield { name: 'home-signed-in' };
  await page.goto(dashboard);
  yield { name: 'dashboard-empty' };
  await page.click('text=Create app');
  yield { name: 'dashboard-create' };
  await fillInApp(page, { name: 'Evening Edition', redirectUri: 'http://app.example/callback' });
  await page.click('#save');
  await page.waitForSelector('[role="alert"]');
  yield { name: 'dashboard-create-problems' };
  await fillInApp(page, { name: 'Evening Edition', redirectUri: 'https://app.example/callback' });
  await page.check('#type-confidential');
  await page.click('#save');
  await page.waitForSelector('#client-secret');
  yield { name: 'dashboard-created' };
  await page.click('text=I have kept the secret');
  await page.waitForSelector('.tabs');
  yield { name: 'dashboard-overview' };
  await page.click('.tabs >> text=Settings');
  await page.waitForSelector('#save');
  yield { name: 'dashboard-settings' };
  await page.click('#openid summary');
  yield { name: 'dashboard-settings-openid' };
  await page.fill('#post-logout-uri-1', 'https://app.example/out?state=x');
  await page.fill('#backchannel-logout-uri', 'app.example');
  await page.click('#save');
  await page.waitForSelector('[role="alert"]');
  yield { name: 'dashboard-settings-openid-problems' };
  await page.fill('#post-logout-uri-1', 'https://app.example/out');
  await page.fill('#backchannel-logout-uri', 'https://app.example/logout');
  await page.check('#grant-authorization_code');
  await page.check('#grant-refresh_token');
  await page.click('#save');
  await page.waitForSelector('[role="status"]:visible');
  await page.click('.tabs >> text=Overview');
  await page.waitForSelector('#exchange');
  yield { name: 'dashboard-overview-code' };
  await page.goto(`${page.url()}/delete`);
  yield { name: 'dashboard-delete' };
  await page.goto(dashboard);
  yield { name: 'dashboard' };
}

async function* crowdedPages(demo, page) {
  await page.goto(sampleRequest(demo, { ...longRequest, scope: everyScope }));
  yield { name: 'crowded-sign-in' };
  await signIn(page, busy);
  await consent(page);
  yield { name: 'crowded-consent' };
  await page.goto(`${demo.accounts}/account/apps`);
  yield { name: 'account-apps-empty' };
  await allowEverything(page, demo, crowdedRequests);
  await page.goto(`${demo.accounts}/account/apps`);
  yield { name: 'crowded-account-apps' };
  await page.goto(`${demo.accounts}/dashboard`);
  yield { name: 'crowded-dashboard' };
  await page.getByRole('link', { name: 'Older' }).click();
  await page.waitForLoadState();
  yield { name: 'crowded-dashboard-older' };
  for (const tab of ['', '/settings', '/delete']) {
    await page.goto(`${demo.accounts}/dashboard/apps/${longApp}${tab}`);
    yield { name: `crowded-app${tab.replace('/', '-')}` };
  }
}

/** Agrees to each of these requests for all scopes there are, without opening the pages one by one. */
async function allowEverything(page, demo, requests) {
  const ask = { maxRedirects: 0 };
  for (const request of requests) {
    const url = sampleRequest(demo, { ...request, scope: everyScope });
    const html = await (await page.request.get(url, ask)).text();
    const form = await page.evaluate((text) => {
      const fields = new DOMParser().parseFromString(text, 'text/html').querySelectorAll('[type="hidden"]');
      return Object.fromEntries([...fields].map(({ name, value }) => [name, value]));
    }, html);
    await page.request.post(`${demo.accounts}/authorize/answer`, { form: { ...form, answer: 'agree' }, ...ask });
  }
}

/** Fills in the form of the dashboard that is open, for an app that does as the guide says. */
export async function fillInApp(page, { name, description = 'Reads the paper to you.', redirectUri }) {
  await page.fill('#app-name', name);
  await page.fill('#app-description', description);
  await page.fill('#redirect-uri-1', redirectUri);
  await page.check('#grant-implicit');
  await page.uncheck('#grant-authorization_code');
  await page.uncheck('#grant-refresh_token');
}
