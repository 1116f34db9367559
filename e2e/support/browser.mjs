// Chromium, and the rules that hold in every test: nothing outside this machine is asked for anything,
// and no page breaks its own content security policy or writes an error to the console.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const executablePath =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** A browser with a user data directory of its own, which goes away with it. */
export function launch() {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]',
    ],
  });
}

/** Whether an address is on this machine, or is no network address at all (about:, data:, blob:). */
function staysHere(address) {
  const url = new URL(address);
  if (!/^(https?|wss?|ftp):$/.test(url.protocol)) return true;
  return ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
}

/** Notes what a browser context does against the rules. */
export class Watch {
  #wrong = [];
  #awaited = [];

  constructor(context) {
    context.on('request', (request) => {
      if (!staysHere(request.url())) this.#wrong.push(`request to ${request.url()}`);
    });
    context.on('console', (message) => {
      if (message.type() === 'error') {
        this.#note(`console of ${message.page()?.url()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => this.#note(`script error: ${error.error().message}`));
  }

  /**
   * Console errors like `pattern` are part of this story: Chromium writes one for every answer of 400
   * and above.
   */
  expect(pattern) {
    this.#awaited.push(pattern);
  }

  #note(text) {
    this.#wrong.push(text);
  }

  /** Fails if anything happened that the test did not expect. */
  verify() {
    const wrong = this.#wrong.filter((text) => !this.#awaited.some((pattern) => pattern.test(text)));
    assert.deepEqual(wrong, [], 'the browser complained');
  }
}
