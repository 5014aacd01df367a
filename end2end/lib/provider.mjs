// An employer's identity provider (OpenID Connect), for the tests: one page with a person to sign in as.
import { createHash, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

export const client = { id: 'portico', secret: 'a secret of the tests' };

/**
 * @typedef {{ sub: string, name: string, groups: string[] }} Person
 * @typedef {{ issuer: string, stop: () => void }} Provider
 */

/**
 * @param {Person} person who signs in
 * @returns {Promise<Provider>}
 */
export async function startProvider(person) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key', use: 'sig', alg: 'RS256' };
  /** @type {Map<string, URLSearchParams>} */
  const codes = new Map();
  let issuer = '';
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');

  const token = (/** @type {URLSearchParams} */ asked) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { ...person, iss: issuer, aud: client.id, iat: now, exp: now + 300, auth_time: now, nonce: asked.get('nonce') };
    const signed = `${part({ alg: 'RS256', kid: 'key', typ: 'JWT' })}.${part(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const json = (/** @type {object} */ body, status = 200) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url.pathname === '/.well-known/openid-configuration') {
      json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (url.pathname === '/keys') {
      json({ keys: [jwk] });
    } else if (url.pathname === '/authorize') {
      const code = randomUUID();
      codes.set(code, url.searchParams);
      const back = new URL(url.searchParams.get('redirect_uri') ?? issuer);
      back.searchParams.set('code', code);
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      const link = back.href.replaceAll('&', '&amp;');
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(`<!doctype html><html lang="en"><title>Employer</title><link rel="icon" href="data:,"><h1>Employer</h1><a href="${link}">I am ${person.name}</a></html>`);
    } else if (url.pathname === '/token') {
      let body = '';
      request.on('data', (chunk) => { body += chunk; }).on('end', () => {
        const form = new URLSearchParams(body);
        const asked = codes.get(form.get('code') ?? '');
        codes.delete(form.get('code') ?? '');
        const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
        const known = request.headers.authorization === `Basic ${Buffer.from(`${client.id}:${new URLSearchParams({ x: client.secret }).toString().slice(2)}`).toString('base64')}`;
        if (!asked || !known || asked.get('code_challenge') !== challenge) return json({ error: 'invalid_grant' }, 400);
        return json({ access_token: 'opaque', token_type: 'Bearer', expires_in: 300, id_token: token(asked) });
      });
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => { server.listen(0, '127.0.0.1', () => done(undefined)); });
  const address = server.address();
  issuer = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return { issuer, stop: () => { server.closeAllConnections(); server.close(); } };
}

/**
 * What `portico sso set` reads.
 * @param {Provider} provider
 */
export function signOnFile(provider) {
  return `name = "Riverside ID"
issuer = "${provider.issuer}"
client_id = "${client.id}"
role_claim = "groups"

[[roles]]
value = "desk"
role = "front-desk"
clinic = "riverside"
`;
}
