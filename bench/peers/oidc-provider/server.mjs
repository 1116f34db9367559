// oidc-provider as its documentation sets it up, with everything in memory, and with two shortcuts: who
// signs in is `account` of the first request, and whatever is asked is allowed. Both happen once for each
// browser, before anything is measured.
//
//   node server.mjs        prints the address

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

import { MemoryAdapter } from './memory.mjs';

const REDIRECT = 'https://page.example/callback';
const SECRET = 'a-secret-for-measuring-only';
/** Nothing that is made here may end while it is measured. */
const LONG_S = 24 * 60 * 60;

const signing = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
// The load pauses while its other side is measured.
server.keepAliveTimeout = 120_000;
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  adapter: MemoryAdapter,
  jwks: { keys: [{ ...signing, alg: 'Ed25519', use: 'sig' }] },
  clients: [
    {
      client_id: 'bench-page',
      token_endpoint_auth_method: 'none',
      redirect_uris: [REDIRECT],
      grant_types: ['implicit', 'authorization_code'],
      response_types: ['id_token token', 'code'],
      id_token_signed_response_alg: 'Ed25519',
    },
    {
      client_id: 'bench-service',
      id_token_signed_response_alg: 'Ed25519',
      client_secret: SECRET,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
    },
  ],
  responseTypes: ['code', 'id_token token'],
  cookies: { keys: [SECRET] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
  ttl: { AccessToken: LONG_S, ClientCredentials: LONG_S, Grant: LONG_S, Session: LONG_S },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
});

/** Signs in and agrees, as somebody at a browser would. */
async function answerQuestion(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const login = { accountId: params.login_hint };
    await provider.interactionFinished(request, response, { login });
    return;
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

const answer = provider.callback();
server.on('request', (request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    answer(request, response);
    return;
  }
  answerQuestion(request, response).catch((error) => {
    response.writeHead(500).end(String(error));
  });
});
console.log(issuer);
