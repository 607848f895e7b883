// The peer of `dean06 bench identity`: npm oidc-provider with the same client, the same
// protocol (PAR, PKCE, DPoP with nonces, ES256) and everything in memory.
//
//	node server.mjs PORT CLIENT SECRET REDIRECT
import { randomBytes, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [port, client_id, client_secret, redirect] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

// kept is the adapter in memory that the library brings, without its bound of 1,000 entries:
// 256 sessions with what they do would not fit.
const rows = new Map();
const byGrant = new Map();
const byUid = new Map();
setInterval(() => {
  const now = Date.now();
  for (const [key, row] of rows) if (row.until < now) rows.delete(key);
}, 1000).unref();
class Kept {
  constructor(name) { this.name = name; }
  key(id) { return `${this.name}:${id}`; }
  async upsert(id, payload, seconds) {
    const key = this.key(id);
    rows.set(key, { payload, until: seconds ? Date.now() + 1000 * seconds : Infinity });
    if (this.name === 'Session') byUid.set(payload.uid, id);
    if (payload.grantId && this.name !== 'Session' && this.name !== 'Interaction') {
      if (!byGrant.has(payload.grantId)) byGrant.set(payload.grantId, new Set());
      byGrant.get(payload.grantId).add(key);
    }
  }
  async find(id) {
    const row = rows.get(this.key(id));
    return row && row.until > Date.now() ? row.payload : undefined;
  }
  async findByUid(uid) { return this.find(byUid.get(uid)); }
  async findByUserCode() { return undefined; }
  async destroy(id) { rows.delete(this.key(id)); }
  async consume(id) { rows.get(this.key(id)).payload.consumed = Math.floor(Date.now() / 1000); }
  async revokeByGrantId(grantId) {
    for (const key of byGrant.get(grantId) ?? []) rows.delete(key);
    byGrant.delete(grantId);
  }
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
let people = 0;
const provider = new Provider(issuer, {
  adapter: Kept,
  clients: [{
    client_id, client_secret, redirect_uris: [redirect],
    grant_types: ['authorization_code', 'client_credentials'], response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: true, require_pushed_authorization_requests: true,
  }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    pushedAuthorizationRequests: { enabled: true },
  },
  pkce: { required: () => true },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (ctx, interaction) => `/enter/${interaction.uid}` },
  // Whoever is signed in goes on with the grant of their session, or is given one.
  async loadExistingGrant(ctx) {
    const { session, client } = ctx.oidc;
    const id = ctx.oidc.result?.consent?.grantId ?? session.grantIdFor(client.clientId);
    if (id) return ctx.oidc.provider.Grant.find(id);
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid');
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
createServer(async (req, res) => {
  if (req.url === '/sign-in') return res.end('ready'); // asked until it is there
  if (!req.url.startsWith('/enter/')) return answer(req, res);
  try { // the page on which one signs in, without a page: once for each browser
    await provider.interactionFinished(req, res, { login: { accountId: `nguoi-${++people}` } });
  } catch (err) {
    res.writeHead(500).end(String(err));
  }
}).listen(port, '127.0.0.1');
