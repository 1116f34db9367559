// Every page for everybody: axe-core finds nothing on any of them, in light and in dark, and the whole way
// can be walked with the keyboard alone.

import assert from 'node:assert/strict';

import AxeBuilder from '@axe-core/playwright';

import { alice, authorizeUrl, parameters, withClient } from '../support/client.mjs';
import { consent, signIn, tabTo } from '../support/pages.mjs';
import { inChromium, story } from '../support/story.mjs';
import { everyPage, walkedDemo } from '../support/walk.mjs';

inChromium();

/** What axe-core finds on the open page, in words. */
async function findings(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
}

for (const colorScheme of ['light', 'dark']) {
  story(`axe finds nothing on any page, ${colorScheme}`, { demo: walkedDemo, window: { colorScheme } }, async ({ demo, page, watch }) => {
    watch.expect(/status of 4\d\d/); // the refusals among the pages
    const found = {};
    for await (const { name } of everyPage(demo, page)) {
      const here = await findings(page);
      if (here.length) found[name] = here;
    }
    assert.deepEqual(found, {});
  });
}

story('no page is wider than a small screen', { demo: walkedDemo, window: { viewport: { width: 320, height: 640 } } }, async ({ demo, page, watch }) => {
  watch.expect(/status of 4\d\d/);
  const wide = [];
  for await (const { name } of everyPage(demo, page)) {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overflow > 0) wide.push(`${name}: ${overflow}px`);
  }
  assert.deepEqual(wide, []);
});

story('the keyboard alone is enough', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await tabTo(page, '#login-username');
  await page.keyboard.type(alice.username);
  await tabTo(page, '#login-password');
  await page.keyboard.type(alice.password);
  await page.keyboard.press('Enter'); // real forms: Enter submits
  await consent(page);
  await tabTo(page, '#auth-accept');
  const outline = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  });
  assert.ok(outline, 'one sees where the focus is');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#client');
  assert.ok(parameters(new URL(page.url()).hash).access_token);
});

story('the keyboard alone says no as well', withClient(), async ({ demo, client, page }) => {
  await page.goto(authorizeUrl(demo, client));
  await signIn(page, alice);
  await consent(page);
  await tabTo(page, '#auth-cancel');
  await page.keyboard.press('Space');
  await page.waitForSelector('#client');
  assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
});
