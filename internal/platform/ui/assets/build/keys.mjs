// Keys of devices (WebAuthn). A form with data-key="create" or "get" asks for one with the
// options in data-options, puts the answer into its field "answer" and goes off. Where the
// browser has no keys, the form stays hidden: the page has another way. Words stand in the
// attributes data-failed and data-cancelled.

const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const text = (b) => btoa(Array.from(new Uint8Array(b), (c) => String.fromCharCode(c)).join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const known = (list) => (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }))

function create(o) {
  const publicKey = { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: known(o.excludeCredentials) }
  return navigator.credentials.create({ publicKey })
}

function get(o) {
  return navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: known(o.allowCredentials) } })
}

function plain(c) {
  const response = { clientDataJSON: text(c.response.clientDataJSON) }
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (c.response[name]) response[name] = text(c.response[name])
  }
  if (c.response.getTransports) response.transports = c.response.getTransports()
  return {
    id: c.id, rawId: text(c.rawId), type: c.type, response,
    authenticatorAttachment: c.authenticatorAttachment ?? undefined, clientExtensionResults: c.getClientExtensionResults(),
  }
}

for (const form of document.querySelectorAll('form[data-key]')) {
  if (!window.PublicKeyCredential) continue
  form.hidden = false
  document.querySelectorAll('[data-without-key]').forEach((e) => { e.hidden = true })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const said = form.querySelector('[data-key-said]')
    said.hidden = true
    try {
      const key = await (form.dataset.key === 'create' ? create : get)(JSON.parse(form.dataset.options))
      form.elements.answer.value = JSON.stringify(plain(key))
      form.submit()
    } catch (error) {
      said.textContent = error.name === 'NotAllowedError' || error.name === 'AbortError' ? form.dataset.cancelled : form.dataset.failed
      said.hidden = false
    }
  })
}
