// A browser as far as sign-ins need one: it keeps cookies, follows addresses as long as they
// are the provider's, and fills in the page on which one signs in.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';

// What the clients stand on, and Node 18 keeps to itself.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;

export const given = JSON.parse(process.argv[2]); // what the test says: issuer, clients, holder

export class Browser {
  cookies = new Map();

  async send(url, form) {
    const res = await fetch(url, {
      method: form ? 'POST' : 'GET', redirect: 'manual',
      body: form && new URLSearchParams(form),
      headers: { cookie: [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; '), origin: given.issuer },
    });
    for (const line of res.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return res;
  }

  // go leads to where the provider lets go of the browser: the client's address, or a page.
  async go(url, form) {
    for (let n = 0; n < 10; n++) {
      const res = await this.send(url, form);
      form = undefined;
      const to = res.headers.get('location') ?? /url=(.*)/.exec(res.headers.get('refresh') ?? '')?.[1];
      if (!to) {
        if (new URL(url).pathname !== '/identity/sign-in') return { url: new URL(url), status: res.status, page: await res.text() };
        const request = new URL(url).searchParams.get('for');
        [url, form] = [`${given.issuer}/identity/sign-in`, { kind: 'citizen', number: given.number, password: given.password, for: request }];
        continue;
      }
      url = new URL(to, url).href;
      if (!url.startsWith(given.issuer)) return { url: new URL(url), status: res.status };
    }
    assert.fail('it leads in circles');
  }
}

// refuses says that a call fails with an error of the protocol.
export async function refuses(error, call) {
  const err = await call().then(() => assert.fail(`it was taken, want ${error}`), (e) => e);
  assert.equal(err.error ?? err.cause?.error ?? String(err), error);
}
