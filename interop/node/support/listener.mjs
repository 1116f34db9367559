// An app's own server, as far as a test needs one: it remembers what was posted to it.

import { createServer } from 'node:http';

/** Starts one on a free port; it ends with the test `t`. */
export async function listen(t) {
  const waiting = [];
  const posted = [];
  const server = createServer(async (request, response) => {
    const text = (await request.setEncoding('utf8').toArray()).join('');
    response.writeHead(200, { 'cache-control': 'no-store' }).end();
    const post = { path: request.url, method: request.method, form: Object.fromEntries(new URLSearchParams(text)) };
    const next = waiting.shift();
    if (next) next(post);
    else posted.push(post);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** The next post, which may have come already. */
    next: () => (posted.length ? Promise.resolve(posted.shift()) : new Promise((resolve) => waiting.push(resolve))),
  };
}
