// Takes a picture of every page: light and dark, wide and narrow.
//
//   node pictures.mjs                  all of them, into results/pictures/ (not kept in git)
//   node pictures.mjs --keep           the chosen few, into ../docs/pictures/
//
// A picture is meant to be looked at: that is what it is taken for.

import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { launch } from './support/browser.mjs';
import { Demo } from './support/demo.mjs';
import { everyPage, walkedDemo } from './support/walk.mjs';

const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

/** What README.md and the manual show. */
const chosen = new Set([
  'consent-wide-light',
  'consent-wide-dark',
  'consent-everything-narrow-light',
  'sign-in-wide-light',
  'refusal-redirect-uri-wide-light',
  'sample-app-profile-wide-light',
  'dashboard-overview-wide-light',
  'account-apps-wide-light',
]);

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const folder = fileURLToPath(new URL(values.keep ? '../docs/pictures/' : 'results/pictures/', import.meta.url));

await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  for (const colorScheme of ['light', 'dark']) {
    for (const [size, viewport] of Object.entries(sizes)) await take(colorScheme, size, viewport);
  }
} finally {
  await browser.close();
}

async function take(colorScheme, size, viewport) {
  // The pictures that are kept show the addresses that a reader will see.
  const demo = await Demo.start({ ...walkedDemo, ports: values.keep ? [8080, 8081, 8888, 8889] : undefined });
  const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' });
  try {
    const page = await context.newPage();
    for await (const { name } of everyPage(demo, page)) {
      const picture = `${name}-${size}-${colorScheme}`;
      if (values.keep && !chosen.has(picture)) continue;
      await page.screenshot({ path: `${folder}${picture}.png`, fullPage: !values.keep });
      console.log(picture);
    }
  } finally {
    await context.close();
    await demo.stop();
  }
}
