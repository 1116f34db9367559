// The implicit grant, from the page's side: ask, come back, check, use.
//
// The access token lives in a variable of this page and nowhere else. Reload the page and it is gone.

'use strict';

(() => {
  const config = window.hallpassConfig;
  const stateKey = 'hallpass-sample-state';
  const redirectUri = `${location.origin}/callback`;
  const byId = (id) => document.getElementById(id);

  /** What the accounts service gave: the parameters of the fragment. */
  let answer = null;

  // ---- Asking ----

  /** `length` random letters and digits. */
  function randomString(length) {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    let text = '';
    while (text.length < length) {
      const [byte] = crypto.getRandomValues(new Uint8Array(1));
      // 248 is the greatest multiple of 62 in a byte: above it, some letters would come more often.
      if (byte < 248) text += letters[byte % letters.length];
    }
    return text;
  }

  /** Sends the browser to the accounts service. */
  function requestAuthorization() {
    // The state comes back with the answer: so this browser knows that it was the one who asked.
    const state = randomString(16);
    localStorage.setItem(stateKey, state);

    let url = config.authorizeUrl;
    url += '?response_type=token';
    url += '&client_id=' + encodeURIComponent(config.clientId);
    url += '&scope=' + encodeURIComponent(config.scope);
    url += '&redirect_uri=' + encodeURIComponent(redirectUri);
    url += '&state=' + encodeURIComponent(state);
    if (byId('show-dialog').checked) url += '&show_dialog=true';
    location.assign(url);
  }

  // ---- Coming back ----

  /** The answer in the address: a token in the fragment, an error in the fragment or in the query. */
  function readAnswer() {
    const fragment = new URLSearchParams(location.hash.slice(1));
    if (fragment.has('access_token') || fragment.has('error')) return fragment;
    const query = new URLSearchParams(location.search);
    return query.has('error') ? query : null;
  }

  /** Takes the answer out of the address bar and the history before anything else is done with it. */
  function cleanAddress() {
    history.replaceState(null, '', location.pathname);
  }

  /** Whether the answer belongs to the request that this browser made last. It is good for one answer. */
  function isStateOurs(state) {
    const expected = localStorage.getItem(stateKey);
    localStorage.removeItem(stateKey);
    return expected !== null && expected === state;
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

  // ---- Using the token ----

  /** Asks the API for the profile and shows what it says. */
  async function obtainProfile() {
    const button = byId('obtain-profile');
    button.disabled = true;
    try {
      const response = await fetch(`${config.apiUrl}/me`, {
        headers: { Authorization: `Bearer ${answer.get('access_token')}` },
        cache: 'no-store',
      });
      const body = await response.json();
      if (response.ok) showProfile(body);
      else showApiProblem(response.status, body.error?.message ?? 'The API gave no reason.');
    } catch {
      showApiProblem(0, `Nothing answers at ${config.apiUrl}. Is the API running?`);
    } finally {
      button.disabled = false;
    }
  }

  function showApiProblem(status, message) {
    if (status === 401) {
      // There is no refresh token in this grant: the way to a new one is to ask again. Who agreed before
      // does not even see a page.
      answer = null;
      byId('profile').hidden = true;
      showNotice(message, 'The token no longer opens your profile. Ask for a new one.');
      byId('ask-again').hidden = false;
    } else {
      showNotice('The API refused', message);
    }
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
    byId('obtained').textContent = `Obtained at ${new Date().toLocaleTimeString()}.`;
    byId('profile').hidden = false;
  }

  function showReceived() {
    const names = ['access_token', 'token_type', 'expires_in', 'state', 'scope', 'iss'];
    showFields(byId('answer-fields'), names.map((name) => [name, answer.get(name), `answer-${name}`]));
    byId('curl').textContent =
      `curl -H 'Authorization: Bearer ${answer.get('access_token')}' ${config.apiUrl}/me`;
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
  function open() {
    for (const part of ['notice', 'start', 'profile']) byId(part).hidden = true;
    answer = null;
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
    if (!isStateOurs(received.get('state'))) {
      showNotice(
        'This answer is not for you',
        'It does not carry the state that this browser sent, so nothing was done with it. Log in to start anew.',
      );
      byId('start').hidden = false;
    } else if (received.has('error')) {
      showAnswerProblem(received);
    } else {
      answer = received;
      showReceived();
      obtainProfile();
    }
  }

  byId('login').addEventListener('click', requestAuthorization);
  byId('ask-again').addEventListener('click', requestAuthorization);
  byId('obtain-profile').addEventListener('click', obtainProfile);
  // Where only the fragment differs, the browser does not load the page anew.
  addEventListener('hashchange', open);
  open();
})();
