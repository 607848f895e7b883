// What pages do beyond plain HTML: govuk-frontend's behaviours, and a few small
// ones of our own. Every page works without this file.
import {
  Button, CharacterCount, ErrorSummary, NotificationBanner, SkipLink, Tabs,
} from 'govuk-frontend'

document.body.classList.add('js-enabled')
if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')

const components = [Button, CharacterCount, ErrorSummary, NotificationBanner, SkipLink, Tabs]

function start(root) {
  for (const Component of components) {
    const name = `[data-module="${Component.moduleName}"]`
    const found = [...root.querySelectorAll(name)]
    if (root.matches?.(name)) found.push(root)
    for (const el of found) {
      if (el.hasAttribute(`data-${Component.moduleName}-init`)) continue
      try { new Component(el) } catch (e) { console.error(e) }
    }
  }
}
start(document.documentElement)
document.addEventListener('htmx:load', (e) => { if (e.detail.elt !== document.body) start(e.detail.elt) })

// Files that go up in pieces have a script of their own, for the pages that take some.
const uploads = new URL('./upload.js', import.meta.url).href
function sendFiles(root) { if (root.querySelector('input[data-upload]')) import(uploads).then((m) => m.start(root)) }
sendFiles(document)
document.addEventListener('htmx:load', (e) => sendFiles(e.detail.elt.parentNode ?? document))

// A select or tick marked data-submit sends its form when changed (filters, time control).
document.addEventListener('change', (e) => {
  if (e.target.closest?.('[data-submit]')) e.target.form?.requestSubmit()
})

// "Tick all" in work lists: data-tick-all names the checkboxes.
document.addEventListener('change', (e) => {
  const name = e.target.dataset?.tickAll
  if (!name) return
  for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)) box.checked = e.target.checked
})

// Keys: "/" goes to the search field, data-key="…" presses a button or follows a link,
// when nothing is being typed.
document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, select, textarea, [contenteditable]')) return
  const el = e.key === '/' ? document.querySelector('input[type=search]') : document.querySelector(`[data-key="${CSS.escape(e.key)}"]`)
  if (!el) return
  e.preventDefault()
  if (el.matches('input, select, textarea')) el.focus()
  else el.click()
})

// In a list marked data-rows, j and k go to the next row and the one before; Enter opens it.
document.addEventListener('keydown', (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || (e.key !== 'j' && e.key !== 'k') || e.target.closest('input, select, textarea, [contenteditable]')) return
  const links = [...document.querySelectorAll('[data-rows] tbody tr')].map((row) => row.querySelector('a')).filter(Boolean)
  if (!links.length) return
  const at = links.indexOf(document.activeElement)
  const next = at < 0 ? links[0] : links[Math.min(links.length - 1, Math.max(0, at + (e.key === 'j' ? 1 : -1)))]
  e.preventDefault()
  next.focus()
})

// On a phone the filter stands folded above its list, unless something is chosen.
if (matchMedia('(max-width: 48em)').matches) {
  for (const el of document.querySelectorAll('details[data-fold]')) el.open = false
}

// A page that is left with unsaved typing says so; a form marked data-keep asks for it.
let typed = false
document.addEventListener('input', (e) => { if (e.target.form?.hasAttribute('data-keep')) typed = true })
document.addEventListener('submit', () => { typed = false })
document.addEventListener('htmx:afterRequest', (e) => { if (e.detail.successful) typed = false })
window.addEventListener('beforeunload', (e) => { if (typed) e.preventDefault() })

for (const el of document.querySelectorAll('[data-print]')) el.addEventListener('click', () => window.print())
