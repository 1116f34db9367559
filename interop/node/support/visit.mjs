// One test is one visit: a demo of its own with the apps of apps.toml.

import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Demo } from '../../../e2e/support/demo.mjs';

const apps = await readFile(new URL('../../apps.toml', import.meta.url), 'utf8');

/** Where the app on somebody's own machine listens this time: registered without a port. */
export const anyPort = 'http://127.0.0.1:49152/callback';

/** A test with a running demo. */
export function visit(name, tell) {
  test(name, { timeout: 60_000 }, async () => {
    const demo = await Demo.start({ apps });
    try {
      await tell(demo);
    } catch (error) {
      // The test's own failure is the one to be read; how the demo ends is then of no interest.
      error.message += `\n  the demo said:\n${demo.log}`;
      await demo.stop().catch(() => {});
      throw error;
    }
    await demo.stop();
  });
}

/** An app of apps.toml, or of the demo. */
export function appNamed(demo, name) {
  return demo.apps.find((app) => app.name === name);
}

/** The status of the sample API's answer to a token. */
export async function apiStatus(demo, token) {
  const response = await fetch(`${demo.api}/me`, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}
