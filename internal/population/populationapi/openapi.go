package populationapi

import (
	"bytes"
	"embed"
	"path"
	"strings"

	"dean06/internal/population"
)

//go:embed openapi
var documents embed.FS

// document is a part of the OpenAPI documents: of one service, or what they share.
func document(name string) []byte {
	part, err := documents.ReadFile(path.Join("openapi", name+".yaml"))
	if err != nil {
		panic(err) // embedded: a build without it is broken
	}
	return part
}

// common are the answers that every call can get, by their status: of the gateways on
// the way, and of a register that is not there now.
var common = []struct{ status, response string }{{"400", "Refused"}, {"500", "Failed"}, {"503", "Unavailable"}}

// withCommon adds the common answers to each call of a document that does not name them.
func withCommon(doc []byte) []byte {
	const responses, answer = "      responses:\n", "        "
	var out bytes.Buffer
	named := map[string]bool{}
	inside := false
	end := func() {
		for _, c := range common {
			if inside && !named[c.status] {
				out.WriteString(answer + `"` + c.status + "\":\n" + answer + "  " + `$ref: "#/components/responses/` + c.response + "\"\n")
			}
		}
		inside = false
	}
	for line := range bytes.Lines(doc) {
		text := string(line)
		if inside && !strings.HasPrefix(text, answer) {
			end()
		}
		if status, ok := strings.CutPrefix(text, answer+`"`); inside && ok {
			status, _, _ = strings.Cut(status, `"`)
			named[status] = true
		}
		out.WriteString(text)
		if text == responses {
			inside = true
			clear(named)
		}
	}
	end()
	return out.Bytes()
}

// components are the schemas that the services share, into which the fields of a person
// are filled.
func components(fields *population.FieldTable) []byte {
	var names []string
	for _, f := range fields.All() {
		names = append(names, string(f))
	}
	b := document("components")
	b = bytes.Replace(b, []byte("      enum: [FIELDS]\n"), []byte("      enum: ["+strings.Join(names, ", ")+"]\n"), 1)
	return bytes.Replace(b, []byte("        PERSON: {}\n"), []byte(properties(fields)), 1)
}

// properties are the schema of a person.
func properties(fields *population.FieldTable) string {
	var b strings.Builder
	property := func(name string, schema ...string) {
		b.WriteString("        " + name + ":\n")
		for _, line := range schema {
			b.WriteString("          " + line + "\n")
		}
	}
	for _, l := range fields.Lines() {
		for i := range l.Data {
			if d := &l.Data[i]; !d.Inner {
				property(d.Member, schemaOf(d)...)
			}
		}
		switch l.Code {
		case population.FieldHousehold:
			property("head", ref("Relative"))
		case population.FieldMembers:
			property("members", listOf("Member")...)
		}
	}
	return b.String()
}

func schemaOf(d *population.Datum) []string {
	switch {
	case d.Number != nil:
		return []string{ref("Number")}
	case d.OldNumbers != nil:
		return listOf("OldNumber")
	case d.Texts != nil:
		return []string{"type: array", "items:", "  type: string"}
	case d.Day != nil:
		return []string{ref("Day")}
	case d.Sex != nil:
		return []string{"type: string", `enum: ["0", "1", "2"]`}
	case d.Place != nil:
		return []string{ref("Place")}
	case d.Relative != nil:
		return []string{ref("Relative")}
	case d.Cards != nil:
		return listOf("Card")
	case d.Life != nil:
		return []string{"type: string", "enum: [alive, dead, missing]"}
	}
	return []string{"type: string"}
}

func ref(schema string) string { return `$ref: "#/components/schemas/` + schema + `"` }

func listOf(schema string) []string { return []string{"type: array", "items:", "  " + ref(schema)} }
