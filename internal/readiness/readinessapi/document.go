package readinessapi

import (
	"maps"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"dean06/internal/platform/i18n"
	"dean06/internal/platform/web"
)

// document is the head of the OpenAPI document. It is written in English, as
// documents for programmers are; the page to try it is in both languages.
func document(p *i18n.Printer) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: p.T("api.doc.title"), Version: "1.0", Description: p.T("api.doc.text"),
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token": {Type: "http", Scheme: "bearer", Description: p.T("api.doc.token")},
			},
		},
		Security: []map[string][]string{{"token": {}}},
	}
}

// english is the printer of the OpenAPI document.
func english() *i18n.Printer {
	c, err := i18n.Load(Messages)
	if err != nil {
		panic(err) // a mistake of the build, which every test catches
	}
	return c.In(i18n.En)
}

// required are the fields that a call or an answer never lacks. The rest is for
// readiness.Check to miss, which says so in the words of the form.
var required = map[string][]string{
	"Submission": {"answers", "contact"}, "Stored": {"name", "state", "version", "versions", "answers"}, "Return": {"answers"},
	"Answer": {"row", "key"}, "System": {"id", "name"}, "Proposal": {"group"}, "Contact": {}, "LetterRef": {},
}

// atMost bounds the lists of a submission.
var atMost = map[string]int{"answers": 2000, "systems": 500, "proposals": 100, "difficulties": 200, "recommendations": 200}

// finish completes the document that follows from the types: descriptions,
// bounds, and our problem in the place of huma's own.
func finish(doc *huma.OpenAPI, p *i18n.Printer) {
	schemas := doc.Components.Schemas.Map()
	doc.Components.Schemas.Schema(reflect.TypeFor[web.Problem](), true, "Problem")
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put} {
			if op == nil {
				continue
			}
			op.Summary, op.Description = p.T("api.op."+op.OperationID), p.T("api.op."+op.OperationID+".text")
			for _, param := range op.Parameters {
				param.Description = p.T("api.param." + param.Name)
			}
			for _, answer := range op.Responses {
				if m := answer.Content["application/problem+json"]; m != nil {
					m.Schema = &huma.Schema{Ref: "#/components/schemas/Problem"}
				}
			}
		}
	}
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for name, fields := range required {
		if s := schemas[name]; s != nil {
			s.Required = fields
		}
	}
	for field, n := range atMost {
		schemas["Submission"].Properties[field].MaxItems = &n
	}
	for _, s := range schemas["Counts"].Properties {
		low, high := 0.0, 1e7
		s.Minimum, s.Maximum = &low, &high
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		schemas[name].PrecomputeMessages() // what validates follows from what was changed
	}
}
