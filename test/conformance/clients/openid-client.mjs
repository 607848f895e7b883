// npm openid-client: the whole way with a key of its own (private_key_jwt), PAR, PKCE and DPoP,
// as FAPI 2.0 has it.
import assert from 'node:assert/strict';
import { importPKCS8 } from './keys.mjs';
import * as client from 'openid-client';
import { Browser, given, refuses } from './browser.mjs';

const me = given.clients.fapi;
const key = { key: await importPKCS8(me.key), kid: me.kid };
const config = await client.discovery(new URL(given.issuer), me.id, {}, client.PrivateKeyJwt(key), { execute: [client.allowInsecureRequests] });
assert.equal(config.serverMetadata().issuer, given.issuer);
const browser = new Browser();

async function signIn(more = {}) {
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const to = await client.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: me.redirect, scope: 'openid profile identity', state, nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  }, { DPoP });
  assert.deepEqual([...to.searchParams.keys()].sort(), ['client_id', 'request_uri']);
  const back = await browser.go(to.href);
  const tokens = await client.authorizationCodeGrant(config, back.url, {
    pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true,
  }, undefined, { DPoP });
  return { DPoP, tokens, back };
}

const first = await signIn();
assert.equal(first.tokens.token_type, 'dpop');
const who = first.tokens.claims();
assert.equal(who.acr, 'LoA1'); // with a password alone
const facts = await client.fetchUserInfo(config, first.tokens.access_token, who.sub, { DPoP: first.DPoP });
assert.equal(facts.name, given.name);

// A second sign-in by the session that exists, with another key.
const second = await signIn({ prompt: 'none' });
assert.equal(second.tokens.claims().sub, who.sub);

// Refresh tokens rotate, are bound to the key, and one that comes again ends everything.
const { DPoP, tokens } = second;
const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
await refuses('invalid_grant', () => client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: other }));
const rotated = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
assert.notEqual(rotated.refresh_token, tokens.refresh_token);
assert.equal((await client.tokenIntrospection(config, rotated.access_token)).active, true);
await refuses('invalid_grant', () => client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }));
assert.equal((await client.tokenIntrospection(config, rotated.access_token)).active, false);

// Revoked is revoked.
assert.equal((await client.tokenIntrospection(config, first.tokens.refresh_token)).active, true);
await client.tokenRevocation(config, first.tokens.refresh_token);
assert.equal((await client.tokenIntrospection(config, first.tokens.refresh_token)).active, false);

const own = await client.clientCredentialsGrant(config, {}, { DPoP });
assert.equal((await client.tokenIntrospection(config, own.access_token)).sub, me.id);

// The end of the session: back at the client, and nobody is signed in any more.
const end = client.buildEndSessionUrl(config, { id_token_hint: second.tokens.id_token, post_logout_redirect_uri: me.left, state: 'S' });
assert.equal((await browser.go(end.href)).url.href, `${me.left}?state=S`);
await refuses('login_required', () => signIn({ prompt: 'none' }));
console.log('openid-client: passed');
