import { createPrivateKey } from 'node:crypto';

// importPKCS8 reads a P-256 key for Web Crypto.
export function importPKCS8(base64) {
  const der = createPrivateKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'pkcs8' }).export({ format: 'der', type: 'pkcs8' });
  return crypto.subtle.importKey('pkcs8', der, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}
