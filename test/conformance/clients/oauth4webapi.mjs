// npm oauth4webapi: each step by itself, with a secret, PAR, PKCE and DPoP; and as a resource
// server that verifies our access tokens.
import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';
import { Browser, given, refuses } from './browser.mjs';

const here = { [oauth.allowInsecureRequests]: true };
const me = given.clients.secret;
const client = { client_id: me.id };
const auth = oauth.ClientSecretBasic(me.secret);
const issuer = new URL(given.issuer);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, here));
const plain = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...here, algorithm: 'oauth2' }));
assert.equal(plain.token_endpoint, as.token_endpoint);

const pair = await oauth.generateKeyPair('ES256');
const DPoP = oauth.DPoP(client, pair);
const options = { ...here, DPoP };

// again repeats a call once: the first proof has no nonce yet.
let nonces = 0;
async function again(call, read) {
  try {
    return await read(await call());
  } catch (err) {
    if (!oauth.isDPoPNonceError(err)) throw err;
    nonces++;
    return read(await call());
  }
}

const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
const params = {
  redirect_uri: me.redirect, response_type: 'code', scope: 'openid profile', state, nonce,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
};
const pushed = await again(
  () => oauth.pushedAuthorizationRequest(as, client, auth, params, options),
  (res) => oauth.processPushedAuthorizationResponse(as, client, res),
);
const to = new URL(as.authorization_endpoint);
to.search = new URLSearchParams({ client_id: me.id, request_uri: pushed.request_uri });
const browser = new Browser();
const back = await browser.go(to.href);
const answer = oauth.validateAuthResponse(as, client, back.url, state);
const redeem = () => again(
  () => oauth.authorizationCodeGrantRequest(as, client, auth, answer, me.redirect, verifier, options),
  (res) => oauth.processAuthorizationCodeResponse(as, client, res, { expectedNonce: nonce, requireIdToken: true }),
);
const tokens = await redeem();
assert.equal(nonces, 1, 'the server asked for a nonce once');
const who = oauth.getValidatedIdTokenClaims(tokens);
const facts = await again(
  () => oauth.userInfoRequest(as, client, tokens.access_token, options),
  (res) => oauth.processUserInfoResponse(as, client, who.sub, res),
);
assert.equal(facts.name, given.name);

// A resource server believes the token, with a proof, by its signature.
const proven = new Headers();
await oauth.protectedResourceRequest(tokens.access_token, 'GET', new URL('https://api.example.vn/ho-so'), undefined, null, {
  DPoP, [oauth.customFetch]: async (url, init) => { for (const [k, v] of Object.entries(init.headers)) proven.set(k, v); return new Response(); },
});
const said = await oauth.validateJwtAccessToken(as, new Request('https://api.example.vn/ho-so', { headers: proven }), given.issuer, here);
assert.equal(said.sub, who.sub);
assert.equal(said.client_id, me.id);

const refreshed = await again(
  () => oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, options),
  (res) => oauth.processRefreshTokenResponse(as, client, res),
);
assert.notEqual(refreshed.refresh_token, tokens.refresh_token);
const stateOf = async (token) =>
  oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, auth, token, here));
assert.equal((await stateOf(refreshed.access_token)).cnf.jkt.length, 43);
assert.equal((await stateOf(refreshed.refresh_token)).active, true);
await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, refreshed.refresh_token, here));
assert.equal((await stateOf(refreshed.access_token)).active, false);
await refuses('invalid_grant', redeem); // a code counts once

const end = new URL(as.end_session_endpoint);
end.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: me.left });
assert.equal((await browser.go(end.href)).url.href, me.left);
console.log('oauth4webapi: passed');
