// Authorization code with PKCE, from the page's side: ask, come back, exchange, use, renew.
//
// The tokens live in a variable of this page and nowhere else. Reload the page and they are gone; who
// agreed before is back with one click.

'use strict';

(() => {
  const config = window.hallpassConfig;
  const requestKey = 'hallpass-sample-request';
  const redirectUri = `${location.origin}/callback`;
  const byId = (id) => document.getElementById(id);

  /** What the token endpoint gave last. */
  let tokens = null;
  /** How often the tokens were renewed. */
  let renewals = 0;
  /** The renewal under way, so that two that want one share it. */
  let renewal = null;

  // ---- Asking ----

  /** Bytes in base64url, without padding (RFC 7636 appendix A). */
  function base64url(bytes) {
    const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
    return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }

  /** As many random bytes, in base64url. */
  function randomString(bytes) {
    return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
  }

  /** Sends the browser to the accounts service. */
  async function requestAuthorization() {
    // The state comes back with the answer: so this browser knows that it was the one who asked. The
    // verifier does not leave this browser before the exchange: so a code is of no use to anybody else.
    const request = { state: randomString(12), verifier: randomString(32) };
    sessionStorage.setItem(requestKey, JSON.stringify(request));
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(request.verifier));

    let url = config.authorizeUrl;
    url += '?response_type=code';
    url += '&client_id=' + encodeURIComponent(config.clientId);
    url += '&scope=' + encodeURIComponent(config.scope);
    url += '&redirect_uri=' + encodeURIComponent(redirectUri);
    url += '&state=' + encodeURIComponent(request.state);
    url += '&code_challenge_method=S256';
    url += '&code_challenge=' + base64url(hash);
    if (byId('show-dialog').checked) url += '&show_dialog=true';
    location.assign(url);
  }

  // ---- Coming back ----

  /** The answer in the address: a code or an error, both in the query. */
  function readAnswer() {
    const query = new URLSearchParams(location.search);
    return query.has('code') || query.has('error') ? query : null;
  }

  /** Takes the answer out of the address bar and the history before anything else is done with it. */
  function cleanAddress() {
    history.replaceState(null, '', location.pathname);
  }

  /** The request that this tab made last, if the answer belongs to it. It is good for one answer. */
  function takeRequest(state) {
    const request = JSON.parse(sessionStorage.getItem(requestKey));
    sessionStorage.removeItem(requestKey);
    return request?.state === state ? request : null;
  }

  function showAnswerProblem(parameters) {
    if (parameters.get('error') === 'access_denied') {
      showNotice('You said no', 'Nothing was shared with this app. You can change your mind at any time.');
    } else {
      const detail = parameters.get('error_description') ?? 'The accounts service gave no more detail.';
      showNotice(`The request was refused: ${parameters.get('error')}`, detail);
    }
    byId('start').hidden = false;
  }

  // ---- Getting and renewing tokens ----

  /** A refusal of the token endpoint, or its silence. */
  class TokenProblem extends Error {
    constructor(error, description) {
      super(description);
      this.error = error;
    }
  }

  /** Asks the token endpoint. It may, because it knows this page's origin by the redirect URI. */
  async function requestTokens(parameters) {
    let response;
    let body;
    try {
      response = await fetch(config.tokenUrl, {
        method: 'POST',
        body: new URLSearchParams({ client_id: config.clientId, ...parameters }),
        cache: 'no-store',
      });
      body = await response.json();
    } catch {
      throw new TokenProblem(null, `Nothing useful answers at ${config.tokenUrl}.`);
    }
    if (!response.ok) throw new TokenProblem(body.error, body.error_description ?? 'No reason was given.');
    // An answer that names no new refresh token leaves the old one good (RFC 6749 §6).
    tokens = { ...tokens, ...body, expiresAt: Date.now() + body.expires_in * 1000 };
    showReceived();
  }

  function exchange(code, verifier) {
    return requestTokens({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
  }

  /** New tokens for the old ones. If the answer is lost, asking again with the same token is no mistake. */
  async function renew() {
    if (!tokens.refresh_token) throw new TokenProblem('invalid_grant', 'The access token expired');
    renewal ??= requestTokens({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
      .then(() => (renewals += 1))
      .finally(() => (renewal = null));
    return renewal;
  }

  /** Does `work` with the profile's buttons at rest, and shows what goes wrong. */
  async function busy(work) {
    const buttons = [byId('obtain-profile'), byId('refresh')];
    for (const button of buttons) button.disabled = true;
    try {
      await work();
    } catch (problem) {
      if (!(problem instanceof TokenProblem)) throw problem;
      showTokenProblem(problem);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  function showTokenProblem({ error, message }) {
    if (error !== 'invalid_grant') {
      showNotice('The accounts service gave no tokens', message);
      byId('start').hidden = tokens !== null;
      return;
    }
    // The permission has ended: it was taken back, or it was not used for long.
    tokens = null;
    byId('profile').hidden = true;
    showNotice('Your permission has ended', `The accounts service says: ${message}. Ask for a new one.`);
    byId('ask-again').hidden = false;
  }

  // ---- Using the token ----

  function askApi() {
    return fetch(`${config.apiUrl}/me`, {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
      cache: 'no-store',
    });
  }

  /** Asks the API for the profile and shows what it says. */
  async function obtainProfile() {
    if (Date.now() >= tokens.expiresAt) await renew();
    let response;
    let body;
    try {
      response = await askApi();
      if (response.status === 401) {
        // Clocks differ, and a token can end before its time: one renewal settles it either way.
        await renew();
        response = await askApi();
      }
      body = await response.json();
    } catch (problem) {
      if (problem instanceof TokenProblem) throw problem;
      showNotice('The API is silent', `Nothing answers at ${config.apiUrl}. Is the API running?`);
      return;
    }
    if (response.ok) showProfile(body);
    else showNotice('The API refused', body.error?.message ?? 'The API gave no reason.');
  }

  // ---- Showing ----

  function showNotice(title, text) {
    byId('notice-title').textContent = title;
    byId('notice-text').textContent = text;
    byId('ask-again').hidden = true;
    byId('notice').hidden = false;
  }

  function showProfile(profile) {
    byId('notice').hidden = true;
    byId('display-name').textContent = profile.display_name ?? profile.id;
    showFields(byId('fields'), [
      ['E-mail', profile.email, 'email'],
      ['Country', profile.country, 'country'],
      ['Plan', profile.product, 'product'],
      ['Followers', profile.followers?.total, 'followers'],
      ['Name in the API', profile.uri, 'uri'],
      ['Account', profile.account_id, 'account-id'],
    ]);
    const picture = profile.images?.[0]?.url;
    byId('picture').hidden = !picture;
    if (picture) byId('picture').src = picture;
    const how = renewals === 0 ? 'the first access token' : `access token number ${renewals + 1}`;
    byId('obtained').textContent = `Obtained at ${new Date().toLocaleTimeString()} with ${how}.`;
    byId('profile').hidden = false;
  }

  function showReceived() {
    const names = ['access_token', 'token_type', 'expires_in', 'scope', 'refresh_token'];
    showFields(byId('answer-fields'), names.map((name) => [name, tokens[name], `answer-${name}`]));
    byId('curl').textContent =
      `curl -H 'Authorization: Bearer ${tokens.access_token}' ${config.apiUrl}/me`;
    byId('refresh').hidden = !tokens.refresh_token;
  }

  /** Fills a description list; what was not given is left out. */
  function showFields(list, fields) {
    const rows = fields
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value, id]) => {
        const row = document.createElement('div');
        const term = document.createElement('dt');
        const description = document.createElement('dd');
        term.textContent = name;
        description.textContent = value;
        description.id = id;
        row.append(term, description);
        return row;
      });
    list.replaceChildren(...rows);
  }

  // ---- The page opens ----

  /** Shows what the address asks for: the start, or what came back. */
  async function open() {
    if (!config?.clientId) {
      showNotice('This app is not set up yet', 'Put its client id into config.js and reload the page.');
      return;
    }
    const received = readAnswer();
    if (!received) {
      byId('start').hidden = false;
      return;
    }
    cleanAddress();
    const request = takeRequest(received.get('state'));
    if (!request) {
      showNotice(
        'This answer is not for you',
        'It does not carry the state that this tab sent, so nothing was done with it. Log in to start anew.',
      );
      byId('start').hidden = false;
    } else if (received.has('error')) {
      showAnswerProblem(received);
    } else {
      await busy(async () => {
        await exchange(received.get('code'), request.verifier);
        await obtainProfile();
      });
    }
  }

  byId('login').addEventListener('click', requestAuthorization);
  byId('ask-again').addEventListener('click', requestAuthorization);
  byId('obtain-profile').addEventListener('click', () => busy(obtainProfile));
  byId('refresh').addEventListener('click', () => busy(() => renew().then(obtainProfile)));
  open();
})();
