// A client of our own beside the sample app: it serves one blank page, and remembers how the browser
// came to it.

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

/** Starts a client on a free port; it ends with the test `t`. */
export async function startClient(t) {
  const visits = [];
  const frames = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/favicon.ico') return response.writeHead(204).end();
    const body = (await request.setEncoding('utf8').toArray()).join('');
    visits.push({ method: request.method, url: request.url, headers: request.headers, body });
    const framed = frames.map((address) => `<iframe src="${address}"></iframe>`).join('');
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(`<!doctype html><html lang="en"><title>client</title><p id="client">client</p>${framed}`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    id: randomBytes(16).toString('hex'),
    origin,
    redirectUri: `${origin}/callback`,
    /** What the browser asked the client for, in order. */
    visits,
    /** Addresses that the client's page puts into frames. */
    frames,
  };
}

export const alice = { username: 'alice-e2e', email: 'alice@e2e.example', password: 'alice keeps a long one' };
export const bob = { username: 'bob-e2e', email: 'bob@e2e.example', password: 'bob keeps another one' };

/** The apps.toml in which `client` is registered, with two people. Who signs out may be sent to its `goodbye`. */
export function appsFile(client, { name = 'A client', scopes = [], type = 'public', goodbye } = {}) {
  const people = [alice, bob].map(
    (person) => `[[user]]
username = "${person.username}"
email = "${person.email}"
password = "${person.password}"
`,
  );
  const allowed = scopes.length ? `scopes = ${JSON.stringify(scopes)}\n` : '';
  const parting = goodbye ? `post_logout_redirect_uris = ["${client.origin}${goodbye}"]\n` : '';
  return `${people.join('\n')}
[[app]]
name = ${JSON.stringify(name)}
client_id = "${client.id}"
type = "${type}"
redirect_uris = ["${client.redirectUri}"]
grants = ["implicit"]
owner = "${alice.username}"
${allowed}${parting}`;
}

/** The settings of a story in which `client` is known to the demo, and is handed to the story. */
export function withClient(options) {
  return {
    demo: async (t, beside) => {
      beside.client = await startClient(t);
      return { apps: appsFile(beside.client, options) };
    },
  };
}

/** The authorization request of the guide's sample, for `client`. */
export function authorizeUrl(demo, client, changes = {}) {
  const parameters = {
    response_type: 'token',
    client_id: client.id,
    scope: 'user-read-private user-read-email',
    redirect_uri: client.redirectUri,
    state: 'e2eState12345678',
    ...changes,
  };
  const query = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${demo.accounts}/authorize?${query.join('&')}`;
}

/** The parameters of a fragment or query, each undone by decodeURIComponent, as the guide's readers do. */
export function parameters(text) {
  const pairs = text.replace(/^[#?]/, '').split('&').filter(Boolean);
  return Object.fromEntries(pairs.map((pair) => pair.split('=').map(decodeURIComponent)));
}
