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

  /**
   * Opens what an app asks for and goes on until it leads back to the app: to this URL, fragment and all, or
   * with this POST of a form, as a `Request`.
   */
  async goTo(request, { answer = 'agree' } = {}) {
    const accounts = new URL(request).origin;
    let response = await this.#fetch(request);
    for (let steps = 0; steps < 10; steps += 1) {
      if (isRedirect(response.status)) {
        const target = new URL(response.headers.get('location'), response.url);
        if (target.origin !== accounts) return target;
        response = await this.#fetch(target);
      } else {
        const form = await this.#fill(response, answer);
        if (form.target.origin !== accounts) return new Request(form.target, form.post);
        response = await this.#fetch(form.target, form.post);
      }
    }
    return assert.fail(`the way back to the app is too long; it was at ${response.url}`);
  }

  /** What the page wants of this person: to sign in, an answer, or only that its button is pressed. */
  async #fill(response, answer) {
    const page = await response.text();
    assert.equal(response.status, 200, page);
    const asks = (id) => page.includes(`id="${id}"`);
    const { username, password } = this.#user;
    const written = asks('auth-accept') ? { answer } : asks('login-username') ? { username, password } : {};
    const [, action] = page.match(/<form method="post" action="([^"]*)"/) ?? assert.fail(`no form: ${page}`);
    return {
      target: new URL(unescape(action), response.url),
      post: {
        method: 'POST',
        body: new URLSearchParams({ ...hiddenFields(page), ...written }),
        headers: { 'sec-fetch-site': 'same-origin' },
      },
    };
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
