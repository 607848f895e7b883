// Package ui is how pages look: the layout around every page and the components
// inside it, typed, in templ, on govuk-frontend. It knows no subject of the
// country and no HTTP handler; it decides nothing but appearance.
//
// A page is a view struct that embeds [Page] and a templ component:
//
//	type taskView struct {
//		ui.Page
//		Email string
//	}
//
//	templ contact(v taskView) {
//		@ui.Layout(v.Page) {
//			@ui.Heading(v.Title)
//			<form method="post" novalidate>
//				@ui.Text(ui.Field{
//					Name: "email", Label: i18n.T(ctx, "readiness.contact.email"),
//					Value: v.Email, Type: "email", Errors: v.Errors,
//				})
//				@ui.Button(ui.Action{Label: i18n.T(ctx, "ui.save")})
//			</form>
//		}
//	}
//
// and its handler renders it into a buffer, with the values kept and status 422
// when the form has faults (the layout then shows the error summary by itself):
//
//	view := taskView{Page: p.frame(r).Page(i18n.T(r.Context(), "readiness.contact.title"))}
//	if err := p.returns.SetContact(ctx, id, email); err != nil {
//		view.Email, view.Errors = email, web.FormErrors(err)
//		return web.Retry(w, r, err, contact(view))
//	}
//	return web.Redirect(w, r, "/returns/"+id)
//
// Pages work without JavaScript. htmx shortens the way: answer the whole page and
// let the element take its part of it with hx-select. app.js adds, by attribute:
// data-submit (a change sends the form), data-tick-all="name", data-key="j" (a key
// presses it), data-keep on a form (leaving with unsaved typing asks first) and
// data-print on a button.
//
// A component that several pages show is marked //go:noinline: the compiler would copy
// its whole markup to each of them, which made the program larger by 5 MB.
//
// Texts given to a component are already in the reader's language: i18n.T(ctx, key)
// inside templ. The content security policy forbids style="" and on…="" attributes:
// lengths of bars belong in SVG attributes, colours in classes. The page /ui
// (package styleguide) shows every component in both languages.
//
//go:generate go tool -modfile=../../../tools/go.mod templ generate
package ui
