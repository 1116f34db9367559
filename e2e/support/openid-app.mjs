// An app of one page that signs people in with oidc-client-ts, as published: the library's bundle for browsers and
// a few lines around it, served from a listener of the test's own.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const library = join(
  dirname(createRequire(import.meta.url).resolve('oidc-client-ts/package.json')),
  'dist/browser/oidc-client-ts.min.js',
);

/** What the page does at each of the app's addresses; elsewhere it only waits to be told. */
const answers = `
  const manager = new oidc.UserManager(settings);
  const answered = {
    '/callback': () => manager.signinRedirectCallback(),
    '/silent': () => manager.signinSilentCallback(),
    '/goodbye': () => manager.signoutRedirectCallback(),
  }[location.pathname];
  (async () => answered?.())().then(
    (answer) => { document.querySelector('#answer').textContent = JSON.stringify(answer ?? null); },
    (error) => { document.querySelector('#problem').textContent = error.message; },
  );
`;

/** Starts the app on a free port; it ends with the test `t`. */
export async function startOpenIdApp(t) {
  const bundle = await readFile(library, 'utf8');
  const app = { id: randomBytes(16).toString('hex'), visits: [] };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, app.origin);
    app.visits.push(request.url);
    const [type, text] = {
      '/favicon.ico': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
      '/library.js': ['text/javascript', bundle],
      '/app.js': ['text/javascript', `const settings = ${JSON.stringify(app.settings)};${answers}`],
    }[pathname] ?? ['text/html', page];
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  app.origin = `http://127.0.0.1:${server.address().port}`;
  return app;
}

const page = `<!doctype html><html lang="en"><title>app</title><pre id="answer"></pre><p id="problem"></p>
<script src="/library.js"></script><script src="/app.js"></script></html>`;

/** What the app knows of `accounts`; the rest it reads in the metadata. */
export function settingsOf(app, accounts) {
  return {
    authority: accounts,
    client_id: app.id,
    redirect_uri: `${app.origin}/callback`,
    silent_redirect_uri: `${app.origin}/silent`,
    post_logout_redirect_uri: `${app.origin}/goodbye`,
    scope: 'openid profile email',
    loadUserInfo: true,
    // Tests say when.
    automaticSilentRenew: false,
  };
}

/** The app's entry in an apps.toml. */
export function entryOf(app, grants) {
  return `[[app]]
name = "One page"
client_id = "${app.id}"
type = "public"
redirect_uris = ["${app.origin}/callback", "${app.origin}/silent"]
post_logout_redirect_uris = ["${app.origin}/goodbye"]
grants = ${JSON.stringify(grants)}
owner = "ada"
`;
}
