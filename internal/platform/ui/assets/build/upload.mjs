// Sends the files of a field in pieces (tus 1.0.0), so that a lost line costs a piece and not
// the file. Loaded by app.mjs where a page has such a field; without it the file goes with the form.
// Words and limits are attributes of the field, made by uploadweb.

const piece = 1 << 20
const store = 'dean06-upload-'
const day = 24 * 60 * 60 * 1000
const tus = { 'Tus-Resumable': '1.0.0' }
const format = (n, digits) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: digits }).format(n)
const size = (n) => (n < 1 << 20 ? `${format(Math.max(1, n / 1024), 0)} KB` : `${format(n / (1 << 20), 1)} MB`)
const make = (name, className, text) => Object.assign(document.createElement(name), { className: className ?? '', textContent: text ?? '' })

// What was begun is found again by a number made of the file; its name is not kept here,
// where the next user of the machine could read it.
function fingerprint(text) {
  let a = 0xdeadbeef, b = 0x41c6ce57
  for (const c of text) {
    a = Math.imul(a ^ c.codePointAt(0), 2654435761)
    b = Math.imul(b ^ c.codePointAt(0), 1597334677)
  }
  return store + (a >>> 0).toString(36) + (b >>> 0).toString(36)
}
const memory = {
  get(key) { try { return JSON.parse(localStorage.getItem(key))?.at } catch { return null } },
  set(key, at) { try { localStorage.setItem(key, JSON.stringify({ at, when: Date.now() })) } catch { /* it is full, or closed */ } },
  drop(key) { try { localStorage.removeItem(key) } catch { /* closed */ } },
  clear() {
    try {
      for (const key of Object.keys(localStorage).filter((k) => k.startsWith(store))) {
        if (!(Date.now() - JSON.parse(localStorage.getItem(key)).when < day)) localStorage.removeItem(key)
      }
    } catch { /* closed */ }
  },
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

// ask sends a request; it fails only when there is no line.
function ask(method, url, headers, body, moved, abort) {
  return new Promise((done, failed) => {
    const r = new XMLHttpRequest()
    r.open(method, url)
    for (const [name, value] of Object.entries({ ...tus, Accept: 'application/json', ...headers })) r.setRequestHeader(name, value)
    if (moved) r.upload.onprogress = (e) => moved(e.loaded)
    r.onload = () => done(r)
    r.onerror = r.ontimeout = r.onabort = () => failed(new Error('no line'))
    r.timeout = 5 * 60 * 1000
    abort?.addEventListener('abort', () => r.abort())
    r.send(body ?? null)
  })
}

// pause waits, and no longer than until the line is back.
function pause(seconds) {
  return new Promise((done) => {
    const end = () => { clearTimeout(timer); removeEventListener('online', end); done() }
    const timer = setTimeout(end, seconds * 1000)
    addEventListener('online', end)
  })
}

class Sending {
  constructor(field, file) {
    Object.assign(this, { field, file, ended: false, sent: 0, told: -1, stop: new AbortController() })
    const { input } = field
    this.key = fingerprint([field.path, field.purpose, file.name, file.size, file.lastModified].join('|'))
    this.row = make('li', 'app-upload__file')
    this.words = make('p', 'app-upload__words')
    this.bar = Object.assign(document.createElement('progress'), { max: 100, value: 0, className: 'app-upload__bar' })
    this.bar.setAttribute('aria-label', file.name)
    this.notes = make('div', 'app-upload__notes')
    this.buttons = make('p', 'app-upload__buttons')
    this.number = Object.assign(document.createElement('input'), { type: 'hidden', name: `${input.name}-upload`, disabled: true })
    this.row.append(this.words, this.bar, this.notes, this.buttons, this.number)
    field.list.append(this.row)
    this.remove = this.button('remove', () => this.end(true))
    this.start()
  }

  get busy() { return !this.ended && !this.asks }

  button(word, act) {
    const b = make('button', 'govuk-button govuk-button--secondary app-upload__button', this.field.words[word])
    b.type = 'button'
    const name = make('span', 'govuk-visually-hidden', ` ${this.file.name}`)
    b.append(name)
    b.addEventListener('click', act)
    this.buttons.append(b)
    return b
  }

  say(word, more) {
    const name = this.field.words[word].replace(/\{(\w+)\}/g, (_, key) => ({ name: this.file.name, ...more })[key] ?? '')
    this.words.textContent = name
    this.row.dataset.state = word
  }

  progress(bytes) {
    const percent = Math.floor((100 * bytes) / this.file.size)
    this.bar.value = percent
    if (percent === this.told) return
    this.told = percent
    this.say('sending', { percent, sent: size(bytes), size: size(this.file.size) })
  }

  async start() {
    this.ended = false
    this.asks = false
    this.again?.remove()
    this.say('waiting')
    try {
      await this.check() && await this.send() && await this.finish()
    } catch (e) {
      this.fail(e.message)
    }
    this.field.changed()
  }

  // check looks at the file before it is sent. It gives false when there is nothing to send.
  async check() {
    const { file, field } = this
    if (file.size === 0) return this.refuse('empty')
    if (file.size > field.most) return this.refuse('too_large', { size: size(file.size), most: size(field.most) })
    if (!field.marks || this.kept || !/^image\/(jpeg|png)$/.test(file.type)) return true
    const found = await look(file, field.marks).catch(() => null) // what cannot be shown here, the server looks at
    if (!found) return true
    if (found.word === 'too_small') return this.refuse('too_small', found)
    if (!found.word) return true
    this.asks = true
    this.say(found.word)
    this.bar.hidden = true
    const keep = this.button('keep', () => { keep.remove(); this.kept = true; this.bar.hidden = false; this.start() })
    return false
  }

  refuse(word, more) {
    this.say(word, more)
    this.row.classList.add('app-upload__file--bad')
    this.bar.hidden = true
    this.ended = true
    return false
  }

  fail(reason) {
    if (this.gone) return
    this.refuse('failed', { reason })
    this.again ??= this.button('again', () => {
      this.row.classList.remove('app-upload__file--bad')
      this.bar.hidden = false
      this.start()
    })
    this.buttons.append(this.again)
  }

  // send sends what the server does not have, and goes on for as long as it takes.
  async send() {
    this.at = memory.get(this.key)
    let offset = this.at ? -1 : 0
    for (let lost = 0; !this.gone;) {
      try {
        const r = await this.next(offset)
        if (r.status === 404 || r.status === 410) { // it has expired: from the beginning
          if (lost > 5) throw Object.assign(new Error(reasonOf(r)), { told: true })
          lost++
          memory.drop(this.key)
          this.at = null
          offset = 0
          continue
        }
        if (r.status >= 400) {
          const again = r.status === 409 || r.status === 408 || r.status === 423 || r.status === 460 || r.status === 502 || r.status === 504
          if (!again && !(r.status === 503 && lost < 8)) throw Object.assign(new Error(reasonOf(r)), { told: true })
          await pause(Math.min(30, 2 ** lost++))
          offset = this.at ? -1 : 0
          continue
        }
        lost = 0
        offset = Number(r.getResponseHeader('Upload-Offset') ?? 0)
        this.progress(offset)
        if (offset >= this.file.size) return true
      } catch (e) {
        if (e.told) throw e
        if (this.gone) return false
        this.say('offline', { percent: Math.max(0, this.told) })
        this.told = -1
        await pause(Math.min(30, 2 ** Math.min(5, lost++)))
        offset = this.at ? -1 : 0
      }
    }
    return false
  }

  // next asks how far it is, begins, or sends a piece.
  async next(offset) {
    const { file, field } = this
    if (!this.at) {
      const meta = `filename ${base64(file.name)},for ${base64(field.purpose)}`
      const r = await ask('POST', field.path, { 'Upload-Length': file.size, 'Upload-Metadata': meta }, null, null, this.stop.signal)
      if (r.status === 201) memory.set(this.key, this.at = r.getResponseHeader('Location'))
      return r
    }
    if (offset < 0) return ask('HEAD', this.at, {}, null, null, this.stop.signal)
    return ask('PATCH', this.at, { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': offset },
      file.slice(offset, offset + piece), (n) => this.progress(Math.min(file.size, offset + n)), this.stop.signal)
  }

  // finish has the server look at the file while the paper is still on the table.
  async finish() {
    this.say('checking')
    const r = await ask('POST', this.at, {}, null, null, this.stop.signal).catch(() => null)
    if (!r) return this.fail(this.field.words.offline.replace('{name}', this.file.name).replace('{percent}', 100))
    if (r.status !== 200) {
      if (r.status < 500) memory.drop(this.key)
      return this.fail(reasonOf(r))
    }
    const file = JSON.parse(r.responseText)
    this.say('done', { size: size(this.file.size) })
    this.bar.hidden = true
    this.notes.replaceChildren(...file.warnings.filter((w) => !(this.kept && (w.code === 'blurred' || w.code === 'dark')))
      .map((w) => make('p', 'govuk-hint', w.text)))
    this.number.value = file.upload
    this.number.disabled = false
    this.ended = true
  }

  // end takes the file away, here and, unless it has been taken, on the server.
  end(focus) {
    this.gone = this.ended = true
    this.stop.abort()
    this.row.remove()
    const at = this.at ?? memory.get(this.key)
    memory.drop(this.key)
    if (at) ask('DELETE', at).catch(() => {})
    this.field.files = this.field.files.filter((f) => f !== this)
    if (focus) this.field.input.focus()
    this.field.changed()
  }
}

function reasonOf(r) {
  try { return JSON.parse(r.responseText).detail || String(r.status) } catch { return String(r.status) }
}

class Field {
  constructor(input) {
    const d = input.dataset
    Object.assign(this, {
      input, path: d.upload, purpose: d.uploadFor, most: Number(d.uploadMost), words: JSON.parse(d.uploadWords),
      marks: d.uploadPaper && JSON.parse(d.uploadPaper), files: [], needed: input.required,
    })
    this.list = make('ul', 'app-upload')
    this.list.setAttribute('aria-live', 'polite')
    input.after(this.list)
    input.addEventListener('change', () => {
      const files = [...input.files]
      input.value = '' // they are sent here, and not with the form
      if (!input.multiple) for (const f of [...this.files]) f.end()
      for (const f of files) this.files.push(new Sending(this, f))
      this.changed()
    })
    input.form?.addEventListener('submit', (e) => {
      if (!this.files.some((f) => f.busy)) return
      e.preventDefault()
      this.after = () => input.form.requestSubmit(e.submitter)
    })
  }

  changed() {
    this.input.required = this.needed && this.files.length === 0
    if (this.after && !this.files.some((f) => f.busy)) {
      const go = this.after
      this.after = null
      if (this.files.every((f) => !f.number.disabled)) go()
    }
  }
}

// look judges the photograph of a paper as the server does (platform/upload, photo.go).
async function look(file, marks) {
  const picture = await createImageBitmap(file)
  const { width, height } = picture
  if (Math.min(width, height) < marks.short_side) return { word: 'too_small', width: format(width, 0), height: format(height, 0) }
  const scale = Math.min(1, 1600 / Math.max(width, height))
  const w = Math.floor(width * scale), h = Math.floor(height * scale)
  const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h })
  const c = canvas.getContext('2d', { willReadFrequently: true })
  c.fillStyle = '#fff'
  c.fillRect(0, 0, w, h)
  c.imageSmoothingQuality = 'high'
  c.drawImage(picture, 0, 0, w, h)
  picture.close()
  const { data } = c.getImageData(0, 0, w, h)
  const raw = new Float32Array(w * h), grey = new Float32Array(w * h), counts = new Uint32Array(256)
  for (let i = 0; i < raw.length; i++) {
    raw[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]
    counts[Math.min(255, Math.floor(raw[i]))]++
  }
  let paper = 0
  for (let left = Math.floor(0.9 * raw.length); paper < 255; paper++) if ((left -= counts[paper]) <= 0) break
  grey.set(raw)
  for (let y = 1; y < h - 1; y++) {
    for (let x = 1, i = y * w + 1; x < w - 1; x++, i++) {
      grey[i] = (raw[i - w - 1] + 2 * raw[i - w] + raw[i - w + 1] + 2 * raw[i - 1] + 4 * raw[i] + 2 * raw[i + 1] +
        raw[i + w - 1] + 2 * raw[i + w] + raw[i + w + 1]) / 16
    }
  }
  const sharp = sharpness(grey, w, h, marks.contrast * Math.min(1, Math.max(0.2, paper / 220)))
  if (paper < marks.light) return { word: 'dark' }
  return { word: sharp < marks.sharp ? 'blurred' : '' }
}

function sharpness(g, w, h, contrast) {
  const tile = 32, n = tile * tile, all = []
  for (let y0 = 1; y0 + tile < h; y0 += tile) {
    for (let x0 = 1; x0 + tile < w; x0 += tile) {
      let s = 0, s2 = 0, a1 = 0, a2 = 0, d1 = 0, d2 = 0
      for (let y = y0; y < y0 + tile; y++) {
        for (let x = x0, i = y * w + x0; x < x0 + tile; x++, i++) {
          const v = g[i], a = 2 * v - g[i - 1] - g[i + 1], d = 2 * v - g[i - w] - g[i + w]
          s += v; s2 += v * v; a1 += a; a2 += a * a; d1 += d; d2 += d * d
        }
      }
      const variance = (sum, squares) => Math.max(0, squares / n - (sum / n) ** 2)
      all.push({ vary: variance(s, s2), bend: 2 * Math.min(variance(a1, a2), variance(d1, d2)) })
    }
  }
  if (!all.length) return 0
  all.sort((a, b) => a.bend - b.bend)
  const noise = all[Math.floor(all.length / 20)]
  const sharp = all.filter((q) => q.vary - noise.vary >= contrast * contrast)
    .map((q) => Math.max(0, q.bend - noise.bend) / (q.vary - noise.vary)).sort((a, b) => a - b)
  return sharp.length ? sharp[Math.floor(sharp.length * 3 / 4)] : 0
}

memory.clear()
document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: new URL('./upload.css', import.meta.url).href }))
export function start(root) {
  for (const input of root.querySelectorAll('input[type=file][data-upload]:not([data-upload-init])')) {
    input.setAttribute('data-upload-init', '')
    new Field(input)
  }
}
