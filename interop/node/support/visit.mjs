// One test is one visit: a demo of its own with the apps of apps.toml, or of another file beside it.

import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Demo } from '../../../e2e/support/demo.mjs';

/** The text of a file beside apps.toml. */
export function appsIn(file) {
  return readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
}

const ofOAuth = await appsIn('apps.toml');

/** Where the app on somebody's own machine listens this time: registered without a port. */
export const anyPort = 'http://127.0.0.1:49152/callback';

/** A test with a running demo. `apps` is the text of its apps file, or makes it when the test `t` begins. */
export function visit(name, tell, apps = ofOAuth) {
  test(name, { timeout: 60_000 }, async (t) => {
    const demo = await Demo.start({ apps: typeof apps === 'function' ? await apps(t) : apps });
    try {
      await tell(demo, t);
    } catch (error) {
      // The test's own failure is the one to be read; how the demo ends is then of no interest.
      error.message += `\n  the demo said:\n${demo.log}`;
      await demo.stop().catch(() => {});
      throw error;
    }
    await demo.stop();
  });
}

/** An app of the file, or of the demo. */
export function appNamed(demo, name) {
  return demo.apps.find((app) => app.name === name);
}

/** The status of the sample API's answer to a token. */
export async function apiStatus(demo, token) {
  const response = await fetch(`${demo.api}/me`, { headers: { authorization: `Bearer ${token}` } });
  await response.arrayBuffer();
  return response.status;
}
