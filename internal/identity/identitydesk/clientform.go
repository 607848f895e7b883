package identitydesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"dean06/internal/identity"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/oauth"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/web"
)

// What the buttons of a registration say.
const (
	doFile = "file" // read a file into the form
	doMore = "more" // one purpose more
)

// The parts of a registration that are ticked, by the names of RFC 7591 and after it.
const (
	pushedOnly  = "require_pushed_authorization_requests"
	dpopOnly    = "dpop_bound_access_tokens"
	withoutPKCE = "without_pkce"
)

// maxFile is the longest file of a registration.
const maxFile = 64 << 10

// clientNew is where an agency registers a client.
func (p *Pages) clientNew(w http.ResponseWriter, r *http.Request) error {
	return show(w, r, p.clientNewForm(r, fill(identity.Client{Owner: who(r).Agency}), nil), nil)
}

func (p *Pages) clientNewForm(r *http.Request, form web.Form, faults fault.List) view {
	ctx := r.Context()
	q := asked{ctx, form, faults}
	v := p.page(r, "client.new", ClientsPath)
	v.Errors = faults
	file := newForm(newPath, []templ.Component{
		ui.Upload(q.field("file", func(f *ui.Field) { f.Accept = ".json,application/json" })), ui.Textarea(q.field("text", lines(8))),
	}, ui.Action{Label: t(ctx, "client.file.do"), Look: ui.Secondary, Name: "do", Value: doFile})
	file.File = true
	v.Before = []templ.Component{q.fold(t(ctx, "client.file"), []string{"text"}, para(t(ctx, "client.file.text")), formOf(*file))}
	v.Form = newForm(newPath, p.clientFields(r, q, true), ui.Action{Label: t(ctx, "client.new.do"), Name: "do", Value: doIt},
		ui.Action{Label: t(ctx, "client.purpose.more"), Look: ui.Secondary, Name: "do", Value: doMore})
	return v
}

func (p *Pages) clientNewPost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	switch form.Text("do") {
	case doFile:
		c, err := fileOf(form, who(r).Agency)
		if err != nil {
			return again(w, r, atFile(r.Context(), err), func(faults fault.List) (view, error) { return p.clientNewForm(r, form, faults), nil })
		}
		v := p.clientNewForm(r, fill(c), nil)
		v.Lead = t(r.Context(), "client.file.read")
		return show(w, r, v, nil)
	case doMore:
		return show(w, r, p.clientNewForm(r, more(form), nil), nil)
	}
	c, err := clientOf(form)
	c.Owner = form.Text("owner")
	if !who(r).Has(identity.Operator) {
		c.Owner = who(r).Agency
	}
	c.Keys = json.RawMessage(form.Text("jwks"))
	c.ID = form.Text("client_id")
	var secret string
	if err == nil {
		c, secret, err = p.Service.RegisterClient(r.Context(), who(r), c)
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.clientNewForm(r, form, faults), nil })
	}
	return show(w, r, p.secretView(r, c.ID, secret, "client.registered"), nil)
}

// fileOf reads the registration that was pasted or sent as a file; it is of the agency when it
// does not say whose.
func fileOf(form web.Form, agency string) (identity.Client, error) {
	text := []byte(form.Text("text"))
	if files := form.Files("file"); len(files) > 0 {
		f, err := files[0].Open()
		if err != nil {
			return identity.Client{}, fmt.Errorf("open a registration: %w", err)
		}
		defer f.Close()
		if text, err = io.ReadAll(io.LimitReader(f, maxFile+1)); err != nil {
			return identity.Client{}, fmt.Errorf("read a registration: %w", err)
		}
	}
	if len(text) == 0 || len(text) > maxFile {
		return identity.Client{}, fault.New(fault.Invalid, "identity.office.client.file.none", fault.Args{"max": maxFile >> 10})
	}
	return identity.ReadClient(text, agency)
}

// atFile points what is wrong with a file at where it is pasted, each with its line.
func atFile(ctx context.Context, err error) error {
	var list fault.List
	if errors.As(err, &list) {
		out := make(fault.List, len(list))
		for i, f := range list {
			args := fault.Args{"line": f.Args["line"], "text": i18n.T(ctx, f.Key, f.Args)}
			out[i] = fault.New(fault.Invalid, "identity.office.client.file.line", args).At("text")
		}
		return out
	}
	if f := fault.As(err); f != nil {
		return f.At("text")
	}
	return err
}

func (p *Pages) clientChange(w http.ResponseWriter, r *http.Request) error {
	c, err := p.Service.ClientOf(r.Context(), who(r), r.PathValue("client"))
	if err != nil {
		return err
	}
	now := c
	if c.Change != nil { // what waits is changed further
		now = *c.Change
	}
	form := fill(now).With(url.Values{"version": {strconv.FormatInt(c.Version, 10)}})
	return show(w, r, p.clientChangeForm(r, form, nil), nil)
}

func (p *Pages) clientChangeForm(r *http.Request, form web.Form, faults fault.List) view {
	ctx := r.Context()
	path := clientPath(r.PathValue("client"))
	v := p.page(r, "client.change", path)
	v.Errors = faults
	v.Form = newForm(path+"/change", p.clientFields(r, asked{ctx, form, faults}, false), ui.Action{Label: t(ctx, "client.change.do"), Name: "do", Value: doIt},
		ui.Action{Label: t(ctx, "client.purpose.more"), Look: ui.Secondary, Name: "do", Value: doMore})
	v.Form.Hidden = append(v.Form.Hidden, [2]string{"version", form.Text("version")})
	return v
}

func (p *Pages) clientChangePost(w http.ResponseWriter, r *http.Request) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	had, err := p.Service.ClientOf(r.Context(), who(r), r.PathValue("client"))
	if err != nil {
		return err
	}
	if form.Text("do") == doMore {
		return show(w, r, p.clientChangeForm(r, more(form), nil), nil)
	}
	c, err := clientOf(form)
	if err == nil {
		c.ID, c.Owner, c.Keys = had.ID, had.Owner, had.Keys
		err = p.Service.ChangeClient(r.Context(), who(r), c, version(form))
	}
	if err != nil {
		return again(w, r, err, func(faults fault.List) (view, error) { return p.clientChangeForm(r, form, faults), nil })
	}
	return web.RedirectWith(w, r, clientPath(had.ID), "identity.office.client.changed", nil)
}

// technical are the fields that most registrations leave as they are.
var technical = []string{
	"post_logout_redirect_uris", "backchannel_logout_uri", "grant_types", "subject_type", "sector_identifier_uri", "id_token_signed_response_alg",
	"userinfo_signed_response_alg", "request_object_signing_alg", "default_max_age", "contract", withoutPKCE,
}

// clientFields are the questions of a registration.
func (p *Pages) clientFields(r *http.Request, q asked, fresh bool) []templ.Component {
	ctx := q.ctx
	algs := func(none bool, list []string) func(*ui.Field) {
		return func(f *ui.Field) {
			if none {
				f.Options = append(f.Options, ui.Option{Label: t(ctx, "alg.none")})
			}
			for _, a := range list {
				f.Options = append(f.Options, ui.Option{Value: a, Label: a})
			}
		}
	}
	long := func(f *ui.Field) { f.Rows = 3 }
	out := []templ.Component{
		ui.Text(q.field("client_name")), ui.Text(q.field("client_name_en", optional)),
	}
	if fresh {
		if who(r).Has(identity.Operator) {
			out = append(out, ui.Text(q.field("owner", small)))
		}
		out = append(out, ui.Text(q.field("client_id", optional, func(f *ui.Field) { f.Width = 30 })))
	}
	out = append(out,
		ui.Textarea(q.field("redirect_uris", long)),
		ui.Radios(q.field("token_endpoint_auth_method", q.among(identity.AuthKey, identity.AuthBasic, identity.AuthPost, identity.AuthNone))))
	if fresh {
		out = append(out, ui.Textarea(q.field("jwks", long, optional)))
	}
	out = append(out, ui.Radios(q.field("level", q.among("1", "2"), func(f *ui.Field) {
		for i := range f.Options { // what a registration means by them is another than at the desk
			f.Options[i].Hint = t(ctx, "client.level."+f.Options[i].Value)
		}
		f.Label = t(ctx, "client.level")
	})))
	n, _ := strconv.Atoi(q.form.Text("n")) // none is one
	for i := range max(1, n) {
		out = append(out, purposeFields(q, i))
	}
	ticked := func(name string) string { return strings.Join(q.form.Values(name), "") }
	out = append(out, q.fold(t(ctx, "client.more"), technical,
		ui.Textarea(q.field("post_logout_redirect_uris", long, optional)), ui.Text(q.field("backchannel_logout_uri", optional)),
		ui.Checkboxes(q.field("grant_types", q.among(identity.GrantCode, identity.GrantRefresh, identity.GrantClient), func(f *ui.Field) {
			f.Values = q.form.Values("grant_types")
		})),
		ui.Radios(q.field("subject_type", q.among(identity.Pairwise, identity.Public))), ui.Text(q.field("sector_identifier_uri", optional)),
		ui.Select(q.field("id_token_signed_response_alg", algs(false, oauth.OurAlgs))),
		ui.Select(q.field("userinfo_signed_response_alg", algs(true, oauth.OurAlgs))),
		ui.Select(q.field("request_object_signing_alg", algs(true, oauth.ClientAlgs))),
		ui.Text(q.field("default_max_age", optional, small, func(f *ui.Field) { f.InputMode = "numeric" })),
		ui.Radios(q.field("contract", q.among(string(identity.Standard), string(identity.Portal), string(identity.VNeID)))),
		ui.Checkboxes(q.field("rules", func(f *ui.Field) {
			f.Values = []string{ticked(pushedOnly), ticked(dpopOnly), ticked(withoutPKCE)}
		}, q.rules(pushedOnly, dpopOnly, withoutPKCE))),
	), formHidden("n", strconv.Itoa(max(1, n))))
	return out
}

// rules offers boxes whose names are their values.
func (a asked) rules(names ...string) func(*ui.Field) {
	return func(f *ui.Field) {
		f.Values = a.form.Values("rules")
		a.among(names...)(f)
	}
}

// purposeFields are the questions about the purpose at a place of the list.
func purposeFields(q asked, i int) templ.Component {
	name := func(part string) string { return "purpose-" + strconv.Itoa(i) + "-" + part }
	field := func(part string, change ...func(*ui.Field)) ui.Field {
		f := ui.Field{
			Name: name(part), Label: t(q.ctx, "purpose."+part), Hint: has(q.ctx, "purpose."+part+".hint"), Value: q.form.Text(name(part)), Autocomplete: "off",
			Errors: q.errs,
		}
		for _, c := range change {
			c(&f)
		}
		return f
	}
	claims := field("claims", func(f *ui.Field) {
		f.Values, f.Small = q.form.Values(f.Name), true
		for _, c := range identity.Claims {
			f.Options = append(f.Options, ui.Option{Value: c, Label: identity.ClaimNames(i18n.From(q.ctx), []string{c})})
		}
	})
	law := field("law", func(f *ui.Field) {
		f.Values = q.form.Values(f.Name)
		f.Options = []ui.Option{{Value: "yes", Label: t(q.ctx, "purpose.law.yes")}}
	})
	id, errs := "purposes", q.errs
	if i > 0 { // the faults of all stand at the first
		id, errs = "purposes-"+strconv.Itoa(i+1), nil
	}
	return boxed(id, t(q.ctx, "purpose.nth", map[string]any{"n": i + 1}), errs,
		ui.Text(field("text")), ui.Text(field("text_en", optional)), ui.Text(field("basis")), ui.Checkboxes(claims), ui.Text(field("days", optional, small)),
		ui.Text(field("code", func(f *ui.Field) { f.Width = 20 })), ui.Checkboxes(law))
}

// more is a form with one purpose more.
func more(form web.Form) web.Form {
	n, _ := strconv.Atoi(form.Text("n"))
	return form.With(url.Values{"n": {strconv.Itoa(max(1, n) + 1)}})
}

// mostPurposes is how many a form is read of; the rules want fewer.
const mostPurposes = 50

// clientOf reads a registration. What is a number and none is a fault; all else the rules hold
// against it.
func clientOf(form web.Form) (identity.Client, error) {
	var wrong fault.List
	number := func(name, at string) int {
		n, _, err := form.Int(name)
		if f := fault.As(err); f != nil {
			wrong = append(wrong, f.At(at))
		}
		return n
	}
	rule := func(name string) bool { return slices.Contains(form.Values("rules"), name) }
	level, _ := strconv.Atoi(form.Text("level"))
	c := identity.Client{
		Name: identity.Text{Vi: form.Text("client_name"), En: form.Text("client_name_en")}, Contract: identity.Contract(form.Text("contract")),
		RedirectURIs: strings.Fields(form.Text("redirect_uris")), LogoutURIs: strings.Fields(form.Text("post_logout_redirect_uris")),
		BackChannel: form.Text("backchannel_logout_uri"), Grants: form.Values("grant_types"), Auth: form.Text("token_endpoint_auth_method"),
		Subject: form.Text("subject_type"), Sector: form.Text("sector_identifier_uri"), IDTokenAlg: form.Text("id_token_signed_response_alg"),
		UserinfoAlg: form.Text("userinfo_signed_response_alg"), RequestAlg: form.Text("request_object_signing_alg"),
		PushedOnly: rule(pushedOnly), DPoPOnly: rule(dpopOnly), WithoutPKCE: rule(withoutPKCE),
		DefaultMaxAge: number("default_max_age", "default_max_age"), Level: identity.Level(level),
	}
	n, _ := strconv.Atoi(form.Text("n"))
	for i := range min(max(1, n), mostPurposes) {
		name := func(part string) string { return "purpose-" + strconv.Itoa(i) + "-" + part }
		u := identity.Purpose{
			Code: form.Text(name("code")), Text: identity.Text{Vi: form.Text(name("text")), En: form.Text(name("text_en"))},
			Basis: form.Text(name("basis")), Claims: form.Values(name("claims")), Days: number(name("days"), name("days")), Law: form.Text(name("law")) != "",
		}
		if u.Code != "" || u.Text.Vi != "" || u.Basis != "" || len(u.Claims) > 0 {
			c.Purposes = append(c.Purposes, u)
		}
	}
	return c, wrong.Err()
}

// fill is the form of a registration.
func fill(c identity.Client) web.Form {
	c.Tidy()
	v := url.Values{
		"client_id": {c.ID}, "client_name": {c.Name.Vi}, "client_name_en": {c.Name.En}, "owner": {c.Owner}, "contract": {string(c.Contract)},
		"redirect_uris": {strings.Join(c.RedirectURIs, "\n")}, "post_logout_redirect_uris": {strings.Join(c.LogoutURIs, "\n")},
		"backchannel_logout_uri": {c.BackChannel}, "grant_types": c.Grants, "token_endpoint_auth_method": {c.Auth}, "jwks": {string(c.Keys)},
		"subject_type": {c.Subject}, "sector_identifier_uri": {c.Sector}, "id_token_signed_response_alg": {c.IDTokenAlg},
		"userinfo_signed_response_alg": {c.UserinfoAlg}, "request_object_signing_alg": {c.RequestAlg}, "level": {strconv.Itoa(int(c.Level))},
		"n": {strconv.Itoa(max(1, len(c.Purposes)))},
	}
	for name, on := range map[string]bool{pushedOnly: c.PushedOnly, dpopOnly: c.DPoPOnly, withoutPKCE: c.WithoutPKCE} {
		if on {
			v.Add("rules", name)
		}
	}
	if c.DefaultMaxAge != 0 {
		v.Set("default_max_age", strconv.Itoa(c.DefaultMaxAge))
	}
	for i, u := range c.Purposes {
		at := "purpose-" + strconv.Itoa(i) + "-"
		v[at+"code"], v[at+"text"], v[at+"text_en"] = []string{u.Code}, []string{u.Text.Vi}, []string{u.Text.En}
		v[at+"basis"], v[at+"claims"] = []string{u.Basis}, u.Claims
		if u.Days != 0 {
			v.Set(at+"days", strconv.Itoa(u.Days))
		}
		if u.Law {
			v.Set(at+"law", "yes")
		}
	}
	return web.Form{}.With(v)
}

// facts are a registration in words; what it says nothing of is left out.
func (p *Pages) facts(ctx context.Context, c identity.Client) []ui.Fact {
	var out []ui.Fact
	add := func(key, value string) {
		if value != "" {
			out = append(out, ui.Fact{Key: t(ctx, key), Value: value})
		}
	}
	add("client.id", c.ID)
	add("client_name", c.Name.Vi)
	add("client_name_en", c.Name.En)
	add("redirect_uris", strings.Join(c.RedirectURIs, "\n"))
	add("post_logout_redirect_uris", strings.Join(c.LogoutURIs, "\n"))
	add("backchannel_logout_uri", c.BackChannel)
	add("token_endpoint_auth_method", named(ctx, "token_endpoint_auth_method", c.Auth))
	add("client.level", i18n.T(ctx, c.Level.Key()))
	for i, u := range c.Purposes {
		lines := []string{u.Text.Vi + " (" + u.Code + ")"}
		if u.Text.En != "" {
			lines = append(lines, u.Text.En)
		}
		told := identity.ClaimNames(i18n.From(ctx), u.Claims)
		lines = append(lines, t(ctx, "purpose.said", map[string]any{"basis": u.Basis, "claims": told}))
		switch {
		case u.Law:
			lines = append(lines, t(ctx, "purpose.law.yes"))
		case u.Days > 0:
			lines = append(lines, t(ctx, "purpose.lasts", map[string]any{"days": u.Days}))
		default:
			lines = append(lines, t(ctx, "purpose.lasts", map[string]any{"days": yearDays}))
		}
		out = append(out, ui.Fact{Key: t(ctx, "purpose.nth", map[string]any{"n": i + 1}), Value: strings.Join(lines, "\n")})
	}
	var grants []string
	for _, g := range c.Grants {
		grants = append(grants, named(ctx, "grant_types", g))
	}
	add("grant_types", strings.Join(grants, "\n"))
	add("subject_type", named(ctx, "subject_type", c.Subject))
	add("sector_identifier_uri", c.Sector)
	add("id_token_signed_response_alg", c.IDTokenAlg)
	add("userinfo_signed_response_alg", c.UserinfoAlg)
	add("request_object_signing_alg", c.RequestAlg)
	if c.DefaultMaxAge > 0 {
		add("default_max_age", strconv.Itoa(c.DefaultMaxAge))
	}
	add("contract", named(ctx, "contract", string(c.Contract)))
	var rules []string
	for _, r := range []struct {
		name string
		on   bool
	}{{pushedOnly, c.PushedOnly}, {dpopOnly, c.DPoPOnly}, {withoutPKCE, c.WithoutPKCE}} {
		if r.on {
			rules = append(rules, named(ctx, "rules", r.name))
		}
	}
	add("rules", strings.Join(rules, "\n"))
	return out
}

// yearDays is how long a consent holds of which a purpose says nothing.
const yearDays = 365

func named(ctx context.Context, field, code string) string { return t(ctx, field+"."+code) }
