package journeys

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"dean06/internal/demo"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/ui/uitest"
	"dean06/test/rawcode"
)

// person sits before a browser of their own. What they click is named as they
// read it, in their language; a fault ends the test and shows the page.
type person struct {
	*house
	t       testing.TB
	ctx     context.Context
	lang    i18n.Lang
	width   int64
	clicks  int
	hurried bool // looks only for faults that need no browser
}

// looked are the pages that were checked already, by any person of these tests.
var looked sync.Map

// windowHeight is how much one sees at once.
const windowHeight = 900

// person opens a browser window for somebody who is not signed in yet.
func (h *house) person(t testing.TB, lang i18n.Lang, width int64) *person {
	t.Helper()
	ctx, closeWindow := chromedp.NewContext(h.browser, chromedp.WithNewBrowserContext())
	t.Cleanup(closeWindow)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, windowHeight)); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	return &person{house: h, t: t, ctx: ctx, lang: lang, width: width}
}

// signIn opens the first page and signs in with an account of the demo.
func (p *person) signIn(login string) *person {
	p.t.Helper()
	p.open("/sign-in?lang=" + string(p.lang))
	p.fill("login", login)
	p.fill("password", demo.Password)
	p.click("session.page.sign_in")
	return p
}

// enter signs in at the node at hand with the electronic identity of somebody of the demo.
func (p *person) enter(number string) *person {
	p.t.Helper()
	p.open("/sign-in?lang=" + string(p.lang))
	p.vouched(number)
	return p
}

// vouched goes from the sign-in page of a node by the authority's pages back.
func (p *person) vouched(number string) {
	p.t.Helper()
	p.click("session.page.identity")
	p.fill("number", number)
	p.fill("password", demo.Password)
	p.click("identity.page.continue")
	p.sees("identity.page.demo.code") // the field holds it
	p.click("identity.page.continue")
	p.again(func() bool { return strings.HasPrefix(eval[string](p, "location.href"), p.url) })
	p.look()
}

// say gives the words of a message in the person's language.
func (p *person) say(key string, args ...map[string]any) string {
	if strings.Contains(key, " ") || !p.words.Has(key) {
		return key // words that are data, such as the name of a file
	}
	return p.words.In(p.lang).T(key, args...)
}

// open types an address.
func (p *person) open(path string) {
	p.t.Helper()
	p.openFor(path, 200)
}

// openFor types an address that answers with one of some statuses.
func (p *person) openFor(path string, statuses ...int64) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, uitest.Patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Navigate(p.url+path))
	if err != nil {
		p.t.Fatalf("open %s: %v", path, err)
	}
	if !slices.Contains(statuses, res.Status) {
		p.fail("open %s: status %d, want %d", path, res.Status, statuses)
	}
	p.look()
}

// refused types addresses that are not for this person: they may not, or there
// is nothing for them.
func (p *person) refused(paths ...string) {
	p.t.Helper()
	for _, path := range paths {
		p.openFor(path, 403, 404)
	}
}

// click presses the link or button that reads so, and waits for the page that
// it leads to.
func (p *person) click(key string, args ...map[string]any) {
	p.t.Helper()
	p.clickIn("", key, args...)
}

// clickIn presses the link or button within the place that contains some words.
func (p *person) clickIn(place, key string, args ...map[string]any) {
	p.t.Helper()
	p.clicks++
	words := p.say(key, args...)
	p.mark(place, words)
	p.sends(words, "[data-journey]")
}

// sends clicks what asks for a page and waits until that is there, so that what is looked for
// next is not found on the page before. A form that comes back with its faults is a page.
func (p *person) sends(what, selector string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, uitest.Patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil {
		p.fail("click %q: %v", what, err)
	}
	if res.Status >= 400 && res.Status != 422 && res.Status != 409 {
		p.fail("click %q: status %d at %s", what, res.Status, res.URL)
	}
	p.look()
}

// denied presses the button that reads so, which is refused, and sees why.
func (p *person) denied(button, why string) {
	p.t.Helper()
	p.mark("", p.say(button))
	ctx, cancel := context.WithTimeout(p.ctx, uitest.Patience)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("[data-journey]")))
	if err != nil || res.Status != 403 {
		p.fail("%q is not refused: %v", p.say(button), err)
	}
	p.sees(why)
}

// press clicks what stays on the page: a tab, a box, a row that opens.
func (p *person) press(key string, args ...map[string]any) {
	p.t.Helper()
	p.clicks++
	words := p.say(key, args...)
	p.mark("", words)
	p.do("press "+words, chromedp.Click(chromedp.CSS("[data-journey]")))
}

// mark finds what a person would click, by its words: exactly, or else the
// first that contains them.
func (p *person) mark(place, words string) {
	p.t.Helper()
	const script = `(place, words) => {
		const text = e => (e.getAttribute("aria-label") || e.innerText || e.value || "").replace(/\s+/g, " ").trim();
		for (const e of document.querySelectorAll("[data-journey]")) e.removeAttribute("data-journey");
		let all = [...document.querySelectorAll("a[href], button, summary, label")].filter(e => e.checkVisibility() || e.closest("details")?.checkVisibility());
		all = [...all.filter(e => e.closest("main")), ...all.filter(e => !e.closest("main"))]; // the page before its frame
		if (place) all = all.filter(e => { for (let up = e.parentElement; up && up !== document.body; up = up.parentElement)
			if (up.matches("tr, li, section, fieldset, form, article, dd, dl > div, .govuk-summary-card, details") && up.innerText.includes(place)) return true; return false; });
		const e = all.find(e => text(e) === words) || all.find(e => text(e).startsWith(words)) || all.find(e => text(e).includes(words));
		if (!e) return false;
		for (let d = e.closest("details"); d; d = d.parentElement.closest("details")) if (e.tagName !== "SUMMARY") d.open = true;
		e.setAttribute("data-journey", "");
		return true; }`
	if !eval[bool](p, call(script, place, words)) {
		p.fail("nothing to click reads %q %s", words, place)
	}
}

// fill types into the field of a name, in place of what stood there.
func (p *person) fill(name, text string) {
	p.t.Helper()
	const script = `(name, text) => {
		const e = document.getElementsByName(name)[0];
		if (!e || !e.checkVisibility()) return false;
		e.focus(); e.value = text;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true}));
		return true; }`
	if !eval[bool](p, call(script, name, text)) {
		p.fail("no field %q", name)
	}
}

// choose ticks the radio or box, or picks the option, of a value.
func (p *person) choose(name, value string) {
	p.t.Helper()
	const script = `(name, value) => {
		for (const e of document.getElementsByName(name)) {
			if (e.tagName === "SELECT") {
				if (![...e.options].some(o => o.value === value)) return false;
				e.value = value; e.dispatchEvent(new Event("change", {bubbles: true})); return true;
			}
			if (e.value === value) { if (!e.checked) e.click(); return true; }
		}
		return false; }`
	p.clicks++
	if !eval[bool](p, call(script, name, value)) {
		p.fail("nothing to choose %q in %q", value, name)
	}
}

// pick takes the option of a list that reads so.
func (p *person) pick(name, words string) {
	p.t.Helper()
	const script = `(name, words) => [...document.getElementsByName(name)[0].options].find(o => o.text.includes(words))?.value ?? ""`
	p.choose(name, eval[string](p, call(script, name, words)))
}

// upload gives files to a field. Where a script sends them in pieces it waits for that script, and
// until they have gone: until then what stands below moves, and a click may miss it.
func (p *person) upload(name string, files ...string) {
	p.t.Helper()
	p.becomesTrue(fmt.Sprintf(`(() => {
		const i = document.querySelector('input[name=%s]')
		return i && (!i.dataset.upload || i.hasAttribute('data-upload-init'))
	})()`, name))
	p.do("upload", chromedp.SetUploadFiles(chromedp.CSS("input[name="+name+"]"), files))
	p.becomesTrue(fmt.Sprintf(`(() => {
		const i = document.querySelector('input[name=%s]')
		if (!i?.dataset.upload) return true
		const rows = [...i.parentNode.querySelectorAll('.app-upload__file')]
		return rows.length > 0 && rows.every((r) => !['waiting', 'sending', 'checking'].includes(r.dataset.state))
	})()`, name))
}

// becomesTrue waits for what a script of the page says.
func (p *person) becomesTrue(script string) {
	p.t.Helper()
	p.do("wait for "+script, chromedp.Poll[chromedp.Void](script, chromedp.WithPollingTimeout(uitest.Patience)))
}

// sees fails the test when the page does not say so.
func (p *person) sees(key string, args ...map[string]any) {
	p.t.Helper()
	if !p.has(key, args...) {
		p.fail("the page does not say %q", p.say(key, args...))
	}
}

// seesNot fails the test when the page says so.
func (p *person) seesNot(key string, args ...map[string]any) {
	p.t.Helper()
	if p.has(key, args...) {
		p.fail("the page says %q", p.say(key, args...))
	}
}

// has says whether the page says so.
func (p *person) has(key string, args ...map[string]any) bool {
	p.t.Helper()
	return strings.Contains(p.text(), plain(p.say(key, args...)))
}

// waits looks again and again until the page says so.
func (p *person) waits(key string, args ...map[string]any) {
	p.t.Helper()
	for end := time.Now().Add(uitest.Patience); !p.has(key, args...); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			p.fail("the page does not come to say %q", p.say(key, args...))
		}
	}
}

// isAt fails the test when the address is another one.
func (p *person) isAt(path string) {
	p.t.Helper()
	if got := p.path(); got != path {
		p.fail("is at %s, want %s", got, path)
	}
}

func (p *person) path() string {
	p.t.Helper()
	u, err := url.Parse(eval[string](p, "location.href"))
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Path
}

// text is what the page says.
func (p *person) text() string {
	p.t.Helper()
	const script = `(async () => {
		if (document.readyState === "loading") await new Promise(done => document.addEventListener("DOMContentLoaded", done));
		return document.body.innerText; })()`
	return plain(eval[string](p, script, chromedp.EvalAwaitPromise))
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// href is where the link that reads so leads.
func (p *person) href(key string, args ...map[string]any) string {
	p.t.Helper()
	p.mark("", p.say(key, args...))
	return eval[string](p, `document.querySelector("[data-journey]").getAttribute("href")`)
}

// fetched is what an address gave: its status, how it is to be shown, and its content.
const fetched = `async (path, options) => {
	const r = await fetch(path, options);
	const b = new Uint8Array(await r.arrayBuffer());
	let s = ""; for (let i = 0; i < b.length; i += 32768) s += String.fromCharCode(...b.subarray(i, i + 32768));
	return [String(r.status), r.headers.get("Content-Disposition") || "", btoa(s)]; }`

// fetch is what an address of this site gives, signed in as the person.
func (p *person) fetch(path string) []byte {
	p.t.Helper()
	_, raw := p.file(path, eval[[]string](p, call(fetched, path), chromedp.EvalAwaitPromise))
	return raw
}

// download is a file from an address of this site.
func (p *person) download(path string) []byte {
	p.t.Helper()
	shown, raw := p.file(path, eval[[]string](p, call(fetched, path), chromedp.EvalAwaitPromise))
	if !strings.HasPrefix(shown, "attachment") {
		p.t.Errorf("download %s: Content-Disposition %q, want an attachment", path, shown)
	}
	return raw
}

// submitted is the file that a button of a form gives.
func (p *person) submitted(key string) []byte {
	p.t.Helper()
	p.mark("", p.say(key))
	const script = `async () => {
		const e = document.querySelector("[data-journey]");
		return FETCHED(e.formAction, {method: "POST", body: new URLSearchParams(new FormData(e.form, e))}); }`
	_, raw := p.file(key, eval[[]string](p, strings.Replace(call(script), "FETCHED", "("+fetched+")", 1), chromedp.EvalAwaitPromise))
	return raw
}

func (p *person) file(from string, got []string) (shown string, raw []byte) {
	p.t.Helper()
	if got[0] != "200" {
		p.fail("download %s: status %s", from, got[0])
	}
	raw, err := base64.StdEncoding.DecodeString(got[2])
	if err != nil {
		p.t.Fatal(err)
	}
	return got[1], raw
}

// named is the first control of the open page whose name ends so.
func (p *person) named(end string) string {
	p.t.Helper()
	return eval[string](
		p,
		call(`end => [...document.querySelectorAll("input, select, textarea")].find(e => e.name.endsWith(end))?.name ?? ""`, end),
	)
}

// one is what tells an address of a kind of page from another of the same kind:
// an agency, a letter, a number, an id.
var one = regexp.MustCompile(`/([A-Z]?[0-9][0-9.]*|[0-9a-f-]{36})\b`)

// look checks the page, once for each kind of page and the parts that stand on
// it: another agency's page has other words, and the same faults.
func (p *person) look() {
	p.t.Helper()
	page := one.ReplaceAllString(eval[string](p, `location.pathname`), "/…") +
		eval[string](p, `document.querySelectorAll("main h2").length + "," + document.querySelectorAll("main [role=alert], main form").length`)
	if p.hurried {
		p.check()
	} else if _, before := looked.LoadOrStore(fmt.Sprint(page, p.lang, p.width), true); !before {
		p.check()
	}
}

// check looks for faults of the page as it stands now.
func (p *person) check() {
	p.t.Helper()
	at := p.path()
	eval[bool](p, `document.fonts.ready.then(() => true)`, chromedp.EvalAwaitPromise)
	for _, fault := range uitest.Markup(eval[string](p, `document.documentElement.outerHTML`)) {
		p.t.Errorf("%s: %s", at, fault)
	}
	if !p.hurried {
		uitest.Check(p.t, p.ctx)
	}
	p.plain(at, eval[string](p, visible))
	if p.width == uitest.Phone && onPhone.MatchString(at) {
		for _, fault := range eval[[]string](p, crowded) {
			p.t.Errorf("%s: %s", at, fault)
		}
	}
	if p.t.Failed() {
		p.t.Logf("up to %s (%s, %d px)", at, p.lang, p.width)
	}
	if dir := os.Getenv("KEEP_PAGES"); dir != "" {
		name := fmt.Sprintf("%03d-%s.png", kept.Add(1), uitest.Slug(at, string(p.lang), p.width))
		uitest.Screenshot(p.t, p.ctx, filepath.Join(dir, strings.ReplaceAll(p.t.Name(), "/", "-"), name))
	}
}

// onPhone are the pages that a phone shows whole.
var onPhone = regexp.MustCompile(`^/(board|office|returns)\b`)

// crowded says where the frame of a page (header, navigation, notices, days) takes more
// than a fifth of the first screen of a phone, 844 px high, and what is cut at its right.
const crowded = `(() => {
	const out = [], screen = 844, rows = new Set();
	for (const e of document.querySelectorAll(".app-header, .app-nav, .app-notice, .govuk-breadcrumbs, .govuk-back-link, .app-sub, .app-side, .app-strip:not([open])")) {
		const r = e.getBoundingClientRect(), top = r.top + scrollY;
		for (let y = Math.round(top); e.checkVisibility() && r.height > 1 && y < Math.min(top + r.height, screen); y++) rows.add(y);
	}
	if (rows.size > screen / 5) out.push("the frame takes " + rows.size + " px of the first screen, at most " + screen / 5 + " are allowed");
	for (const e of document.querySelectorAll(".app-region, .app-chart__drawing"))
		if (e.checkVisibility() && e.scrollWidth > e.clientWidth + 1) out.push("cut at the right: " + e.outerHTML.replace(/\s+/g, " ").slice(0, 140));
	return out; })()`

// visible is all that a page lets one read, what is folded away too. What stands in code
// or in a field is said or typed as it is.
const visible = `(() => {
	const out = [];
	const walk = e => {
		if (e.nodeType === 3) return out.push(e.data);
		if (e.nodeType !== 1 || e.matches("script, style, noscript, template, code, pre, kbd, textarea")) return;
		for (const a of ["title", "alt", "placeholder", "aria-label"]) if (e.hasAttribute(a)) out.push(" " + e.getAttribute(a) + " ");
		if (e.matches("input[type=submit], input[type=button]")) out.push(" " + e.value + " ");
		const apart = !/^inline/.test(getComputedStyle(e).display);
		if (apart) out.push("\n");
		e.childNodes.forEach(walk);
		if (apart) out.push("\n");
	};
	walk(document.body);
	return document.title + "\n" + out.join(""); })()`

// plain fails the test for each word that only the program uses.
func (p *person) plain(where, text string) {
	p.t.Helper()
	words, err := codes()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, code := range words.Find(p.lang, text) {
		p.t.Errorf("%s says %q, which only the program calls so (%s)", where, code, around(text, code))
	}
}

// around is where a word stands.
func around(text, s string) string {
	text = plain(text)
	i := max(strings.Index(text, s), 0)
	return strings.ToValidUTF8(text[max(i-60, 0):min(i+len(s)+60, len(text))], "")
}

// codes are the words that no page and no paper may have.
var codes = sync.OnceValues(func() (*rawcode.Words, error) { return rawcode.Load("../..") })

// kept counts the pictures of pages that KEEP_PAGES asks for.
var kept atomic.Int64

func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, uitest.Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fail("%s: %v", what, err)
	}
}

// fail ends the test and shows where it stands.
func (p *person) fail(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("%s\nat %s, which says:\n%.3000s", fmt.Sprintf(format, args...), p.path(), p.text())
}

// eval is what a script gives on the open page; on the next one, where that went away meanwhile.
func eval[T any](p *person, script string, opts ...chromedp.EvaluateOption) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, uitest.Patience)
	defer cancel()
	for {
		v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, opts...))
		switch {
		case err == nil:
			return v
		case ctx.Err() != nil || !uitest.Left(err):
			p.t.Fatalf("%.80s: %v", script, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// call writes a call of a function with arguments.
func call(function string, args ...any) string {
	raw, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		panic(err) // only strings are passed
	}
	return "(" + function + ")(..." + string(raw) + ")"
}
