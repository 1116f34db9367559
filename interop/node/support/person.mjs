// Somebody with a browser, as far as client libraries need one: follows redirects, keeps cookies, sends
// the forms of the pages. The pages themselves are tested in e2e/.

import assert from 'node:assert/strict';

const isRedirect = (status) => status === 302 || status === 303;

/** Somebody who signs in where they are asked to, and answers the consent page with `answer`. */
export class Person {
  #cookies = new Map();
  #user;

  constructor(user) {
    this.#user = user;
  }

  /** Opens an app's authorization request and goes on until it leads back to the app: to this URL. */
  async goTo(request, { answer = 'agree' } = {}) {
    const accounts = new URL(request).origin;
    let response = await this.#fetch(request);
    for (let steps = 0; steps < 10; steps += 1) {
      if (isRedirect(response.status)) {
        const target = new URL(response.headers.get('location'), response.url);
        target.hash = ''; // a browser keeps the fragment to itself
        if (target.origin !== accounts) return target;
        response = await this.#fetch(target);
      } else {
        response = await this.#answer(response, answer);
      }
    }
    return assert.fail(`the way back to the app is too long; it was at ${response.url}`);
  }

  async #answer(response, answer) {
    const page = await response.text();
    assert.equal(response.status, 200, page);
    const isConsent = page.includes('id="auth-accept"');
    const { username, password } = this.#user;
    const body = new URLSearchParams({ ...hiddenFields(page), ...(isConsent ? { answer } : { username, password }) });
    const action = page.match(/<form method="post" action="([^"]*)"/)[1];
    return this.#fetch(new URL(action, response.url), {
      method: 'POST',
      body,
      headers: { 'sec-fetch-site': 'same-origin' },
    });
  }

  async #fetch(url, init = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]*)=([^;]*)/);
      this.#cookies.set(name, value);
    }
    return response;
  }
}

function hiddenFields(page) {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, unescape(value)]));
}

function unescape(html) {
  return html.replace(/&#(\d+);/g, (_, number) => String.fromCodePoint(Number(number)));
}
