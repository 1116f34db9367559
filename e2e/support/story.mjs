// One test is one story: its own demo, its own browser context, and the rules of browser.mjs verified
// at its end.

import { after, before, test } from 'node:test';

import { launch, Watch } from './browser.mjs';
import { Demo } from './demo.mjs';

const patience = 20_000; // how long a page may take; a story that waits so long has failed
let browser;

/** To be called once by a test file: one browser for it, with a fresh context for each story. */
export function inChromium() {
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
}

/** A window of somebody who was never here before. */
export async function freshWindow(options = {}) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(patience);
  return { context, watch: new Watch(context), page: await context.newPage() };
}

/**
 * A test with a running demo and a window. `settings.demo` goes to `Demo.start`: an object, or a
 * function that makes it (given `t`, so that it can start what must run beside the demo);
 * `settings.window` goes to the browser's new context.
 */
export function story(name, settings, tell) {
  if (typeof settings === 'function') return story(name, {}, settings);
  return test(name, { timeout: 120_000 }, async (t) => {
    const beside = {};
    const wanted = typeof settings.demo === 'function' ? await settings.demo(t, beside) : settings.demo;
    const demo = await Demo.start(wanted);
    let window;
    try {
      window = await freshWindow(settings.window);
      await tell({ t, demo, ...window, ...beside });
      window.watch.verify();
    } catch (error) {
      // The story's own failure is the one to be read; how the demo ends is then of no interest.
      error.message += `${where(window)}\n  the demo said:\n${demo.log}`;
      await window?.context.close();
      await demo.stop().catch(() => {});
      throw error;
    }
    await window.context.close();
    await demo.stop();
  });
}

function where(window) {
  const pages = window?.context.pages() ?? [];
  return pages.map((page) => `\n  (a page was at ${page.url()})`).join('');
}
