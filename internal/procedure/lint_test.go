package procedure

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dean06/data"
	"dean06/internal/platform/i18n"
)

// copyOf is a package that the program brings, to be broken.
func copyOf(t *testing.T, code string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	dir := "procedures/" + code
	entries, err := fs.ReadDir(data.Packages, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(data.Packages, dir+"/"+e.Name())
		if err != nil {
			t.Fatal(err)
		}
		out["p/"+e.Name()] = &fstest.MapFile{Data: raw}
	}
	return out
}

// edit replaces the first place of a text; it is the line of that place that a fault names.
func edit(t *testing.T, p fstest.MapFS, file, old, with string) (line int) {
	t.Helper()
	raw := string(p["p/"+file].Data)
	i := strings.Index(raw, old)
	if i < 0 {
		t.Fatalf("%s has no %q", file, old)
	}
	p["p/"+file] = &fstest.MapFile{Data: []byte(raw[:i] + with + raw[i+len(old):])}
	return 1 + strings.Count(raw[:i], "\n")
}

func listed(faults []Fault) string {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "%s:%d %s %v\n", f.File, f.Line, f.Rule, f.Args)
	}
	return b.String()
}

func TestBuiltInPackagesPass(t *testing.T) {
	t.Parallel()
	for _, p := range Packages() {
		if faults := Lint(data.Packages, "procedures/"+p.Code); len(faults) > 0 {
			t.Errorf("%s:\n%s", p.Code, listed(faults))
		}
	}
}

// broken is a small edit of a package, and the fault that it makes. at is the line below that
// of the edit on which the fault stands.
type broken struct {
	name, file, old, with string
	rule                  string
	in                    string // file of the fault, when it is another
	at                    int
	names                 string // what the message must name
}

var brokenBirths = []broken{
	// Reading.
	{name: "unknown member", file: "manifest.yaml", old: "immediate: false", with: "imediate: false", rule: "unknown_member", names: "imediate"},
	{
		name: "doubled member", file: "manifest.yaml", old: "immediate: false", with: "immediate: false\nimmediate: true", rule: "member_twice",
		at: 1, names: "immediate",
	},
	{name: "empty member", file: "manifest.yaml", old: "immediate: false", with: "immediate:", rule: "empty", names: "immediate"},
	{name: "code without quotes", file: "manifest.yaml", old: `code: "1.001193"`, with: "code: 1.001193", rule: "wrong_type_text", names: "1.001193"},
	{name: "no number", file: "process.yaml", old: "status: 1", with: "status: one", rule: "wrong_type_number", names: "one"},
	{name: "no bool", file: "manifest.yaml", old: "immediate: false", with: `immediate: "no"`, rule: "wrong_type_bool", names: "no"},
	{name: "no day", file: "manifest.yaml", old: "from: 2026-01-16", with: "from: 2026-02-30", rule: "wrong_type_day", names: "2026-02-30"},
	{name: "no list", file: "manifest.yaml", old: "channels: [desk, online, post]", with: "channels: desk", rule: "wrong_type_list", names: "channels"},
	{
		name: "no mapping", file: "manifest.yaml", old: "{vi: Khai sinh cho con, en: Register a birth}", with: "Khai sinh",
		rule: "wrong_type_mapping", names: "plain",
	},
	{name: "no yaml", file: "form.yaml", old: "sections:", with: "sections: [", rule: "not_yaml", at: 1},
	{
		name: "second document", file: "process.yaml", old: "start: submitted", with: "---\nstart: submitted\n---\nstart: other",
		rule: "two_documents", at: 2,
	},
	{name: "alias", file: "process.yaml", old: "start: submitted", with: "start: &a submitted", rule: "alias"},
	{
		name: "missing file", file: "manifest.yaml", old: "reasons: reasons.yaml", with: "reasons: reason.yaml", rule: "file_missing",
		names: "reason.yaml",
	},
	{
		name: "file outside", file: "manifest.yaml", old: "reasons: reasons.yaml", with: "reasons: ../reasons.yaml", rule: "file_name",
		names: "../reasons.yaml",
	},
	{name: "file twice", file: "manifest.yaml", old: "reasons: reasons.yaml", with: "reasons: papers.yaml", rule: "file_twice", names: "papers.yaml"},
	{name: "hard space", file: "form.yaml", old: "Bé tên là gì", with: "Bé\u00a0tên là gì", rule: "invisible_sign", names: "U+00A0"},
	{
		name: "left-to-right mark", file: "papers.yaml", old: "{vi: Giấy chứng sinh,", with: "{vi: Giấy chứng sinh\u200e,",
		rule: "invisible_sign", names: "U+200E",
	},
	{name: "loose accent", file: "form.yaml", old: "Bé tên là gì", with: "Be\u0301 tên là gì", rule: "invisible_sign", names: "U+0301"},

	// The head.
	{name: "missing notice", file: "manifest.yaml", old: "notice:\n", with: "x_notice:\n", rule: "unknown_member"},
	{name: "wrong code", file: "manifest.yaml", old: `code: "1.001193"`, with: `code: "1.01193"`, rule: "wrong_shape", names: "1.01193"},
	{name: "wrong version", file: "manifest.yaml", old: `version: "2026-07-18.1"`, with: `version: "v2"`, rule: "wrong_shape", names: "v2"},
	{
		name: "to before from", file: "manifest.yaml", old: "from: 2026-01-16", with: "from: 2026-01-16\nto: 2026-01-16", rule: "to_before_from",
		at: 1, names: "16/01/2026",
	},
	{
		name: "unknown channel", file: "manifest.yaml", old: "channels: [desk, online, post]", with: "channels: [desk, fax]",
		rule: "unknown_word", names: "fax",
	},
	{name: "unknown level", file: "manifest.yaml", old: `level: "2"`, with: `level: "3"`, rule: "unknown_word", names: "3"},
	{name: "level in words", file: "manifest.yaml", old: `level: "2"`, with: `level: "0"`, rule: "unknown_word", names: "0"},
	{
		name: "no English", file: "manifest.yaml", old: "plain: {vi: Khai sinh cho con, en: Register a birth}",
		with: "plain: {vi: Khai sinh cho con}", rule: "language_missing", names: "Anh",
	},
	{
		name: "no Vietnamese", file: "manifest.yaml", old: "plain: {vi: Khai sinh cho con, en: Register a birth}",
		with: "plain: {en: Register a birth}", rule: "language_missing", names: "Việt",
	},
	{
		name: "competence by a name", file: "manifest.yaml", old: "by: [mother.residence,", with: "by: [mother.name,",
		rule: "competence_not_address", names: "mother.name",
	},
	{
		name: "competence by nothing", file: "manifest.yaml", old: "by: [mother.residence,", with: "by: [mother.home,", rule: "unknown_question",
		names: "mother.home",
	},
	{
		name: "case code of another", file: "manifest.yaml", old: "  - id: married\n    code: \"\"",
		with: "  - id: married\n    code: \"1.004222.01\"", rule: "case_of_another", at: 1, names: "1.004222.01",
	},

	// The form.
	{
		name: "field without meaning", file: "form.yaml", old: "        kind: name\n        meaning: child.name\n", with: "        kind: name\n",
		rule: "field_without_meaning", at: -4, names: "child.name",
	},
	{
		name: "field with an unknown meaning", file: "form.yaml", old: "meaning: child.name", with: "meaning: child.nick",
		rule: "unknown_meaning", names: "child.nick",
	},
	{
		name: "meaning of another kind", file: "form.yaml", old: "        kind: name\n        meaning: child.name\n",
		with: "        kind: yes\n        meaning: child.name\n", rule: "meaning_of_other_kind", names: "child.name",
	},
	{
		name: "follows nothing", file: "form.yaml", old: "follows: [mother.ethnicity,", with: "follows: [child.name,", rule: "follows_nothing",
		names: "child.name",
	},
	{name: "unknown kind", file: "form.yaml", old: "kind: partial", with: "kind: epoch", rule: "unknown_word", names: "epoch"},
	{name: "id twice", file: "form.yaml", old: "- id: child.sex", with: "- id: child.name", rule: "id_twice", names: "child.name"},
	{
		name: "condition on an unknown question", file: "form.yaml", old: "when: {question: copies.want, is: \"yes\"}",
		with: "when: {question: copies.wish, is: \"yes\"}", rule: "condition_question", names: "copies.wish",
	},
	{
		name: "condition on an unknown answer", file: "form.yaml", old: "when: {question: request.situation, is: foundling}",
		with: "when: {question: request.situation, is: orphan}", rule: "condition_value", names: "orphan",
	},
	{
		name: "condition on an unknown answer of yes", file: "form.yaml", old: "when: {question: copies.want, is: \"yes\"}",
		with: "when: {question: copies.want, is: \"true\"}", rule: "condition_value", names: "true",
	},
	{
		name: "condition of two shapes", file: "form.yaml", old: "when: {question: copies.want, is: \"yes\"}",
		with: "when: {question: copies.want, is: \"yes\", known: true}", rule: "condition_shape",
	},
	{
		name: "condition of no shape", file: "form.yaml", old: "when: {question: copies.want, is: \"yes\"}",
		with: "when: {question: copies.want}", rule: "condition_shape",
	},
	{
		name: "condition that contradicts itself", file: "form.yaml", old: "when: {question: copies.want, is: \"yes\"}",
		with: "when: {all: [{question: copies.want, is: \"yes\"}, {question: copies.want, is: \"no\"}]}", rule: "never",
	},
	{
		name: "authorised, perhaps", file: "form.yaml", old: "when: {fact: authorised, is: \"yes\"}}\n      - id: request.situation",
		with: "when: {fact: authorised, is: maybe}}\n      - id: request.situation", rule: "condition_value", names: "authorised",
	},
	{
		name: "unknown fact", file: "form.yaml", old: "when: {fact: \"days_since:child.birth\", over: 60}",
		with: "when: {fact: weather, is: rain}", rule: "unknown_fact", names: "weather",
	},
	{
		name: "cycle", file: "form.yaml", old: "      - id: copies.want\n",
		with: "      - id: copies.want\n        when: {question: copies.count, known: true}\n", rule: "cycle", at: 1, names: "copies.count",
	},
	{
		name: "option that nobody can choose", file: "form.yaml",
		old:  "label: {vi: Mẹ là người nước ngoài, en: The mother is}, when: {question: request.situation, in: [married, mother_alone, recognised]}",
		with: "label: {vi: Mẹ là người nước ngoài, en: The mother is}, when: {question: request.situation, is: foundling}",
		rule: "option_unreachable", names: "request.foreign",
	},
	{
		name: "option twice", file: "form.yaml", old: "- {value: father, label: {vi: Cha, en: Father}",
		with: "- {value: mother, label: {vi: Cha, en: Father}", rule: "id_twice", names: "mother",
	},
	{name: "unknown list", file: "form.yaml", old: "list: ethnicity", with: "list: peoples", rule: "unknown_list", names: "peoples"},
	{name: "code without a list", file: "form.yaml", old: "        list: ethnicity\n", with: "", rule: "list_of_code", at: -5, names: "child.ethnicity"},
	{
		name: "unknown check", file: "form.yaml", old: "checks: [not_after_today]", with: "checks: [not_on_sunday]", rule: "unknown_check",
		names: "not_on_sunday",
	},
	{
		name: "check against nothing", file: "form.yaml", old: "before:child.birth", with: "before:child.born", rule: "unknown_question",
		names: "child.born",
	},
	{name: "unknown computation", file: "form.yaml", old: "compute: today", with: "compute: tomorrow", rule: "unknown_compute", names: "tomorrow"},
	{
		name: "nobody fills it in", file: "form.yaml", old: "        filled_by: system\n        compute: today\n",
		with: "        filled_by: system\n", rule: "system_without_compute", at: -4, names: "request.made_on",
	},
	{name: "bounds", file: "form.yaml", old: "min: 1\n        max: 50", with: "min: 60\n        max: 50", rule: "bounds", at: -7, names: "copies.count"},
	{
		name: "question below no section that repeats", file: "form.yaml", old: "  - id: found\n",
		with: "  - id: found\n    repeat: {min: 3, max: 1, one: {vi: Lần, en: Time}}\n", rule: "repeat_bounds", at: 1, names: "found",
	},
	{
		name: "condition on a repeated question", file: "form.yaml", old: "  - id: copies\n",
		with: "  - id: copies\n    repeat: {min: 1, max: 3, one: {vi: Lần, en: Time}}\n", rule: "repeated_outside", in: "manifest.yaml", at: -1,
		names: "copies.want",
	},
	{
		name: "id outside its repeated section", file: "form.yaml", old: "  - id: copies\n",
		with: "  - id: copies\n    repeat: {min: 1, max: 3, one: {vi: Lần, en: Time}}\n", rule: "repeated_id", at: 20, names: "request.exempt",
	},

	// People.
	{name: "unknown owner", file: "manifest.yaml", old: "- owner: father", with: "- owner: uncle", rule: "unknown_owner", names: "uncle"},
	{
		name: "same as nobody", file: "manifest.yaml", old: "is: father}, is: applicant}", with: "is: father}, is: stepfather}",
		rule: "unknown_owner", names: "stepfather",
	},
	{name: "kin of nobody", file: "manifest.yaml", old: "kin: spouse, of: applicant", with: "kin: spouse", rule: "way_of_person"},
	{name: "unknown kin", file: "manifest.yaml", old: "kin: spouse", with: "kin: cousin", rule: "unknown_word", names: "cousin"},
	{
		name: "typed in a name", file: "manifest.yaml", old: "typed: mother.number", with: "typed: mother.name", rule: "typed_not_number",
		names: "mother.name",
	},

	// Papers.
	{
		name: "a paper that the register proves", file: "papers.yaml",
		old: "  proved:\n    - {by: register, of: applicant, facts: [number, name, birth, cards]}\n", with: "", rule: "paper_register_proves",
		at: -7, names: "applicant.card",
	},
	{
		name: "a paper that the register proves, by its name", file: "papers.yaml", old: "- id: surrogacy\n",
		with: "- id: household_book\n  code: \"\"\n  name: {vi: Bản sao sổ hộ khẩu, en: Copy of the household book}\n  copies: 1\n" +
			"  shows: []\n  basis: ours\n  sure: memory\n- id: surrogacy\n",
		rule: "paper_register_proves_name", names: "sổ hộ khẩu",
	},
	{
		name: "marriage certificate", file: "papers.yaml", old: "- id: surrogacy\n",
		with: "- id: marriage\n  code: \"\"\n  name: {vi: Giấy chứng nhận kết hôn, en: Marriage certificate}\n  originals: 1\n" +
			"  shows: [mother.marital, mother.spouse]\n  basis: ours\n  sure: memory\n- id: surrogacy\n",
		rule: "paper_register_proves", names: "mother.marital",
	},
	{
		name: "a paper that shows nothing", file: "papers.yaml", old: "  shows: []\n  basis: \"1.001193, KQ003303\"",
		with: "  basis: \"1.001193, KQ003303\"", rule: "paper_shows_nothing", at: -6, names: "surrogacy",
	},
	{
		name: "a proof of the wrong fact", file: "papers.yaml", old: "facts: [number, name, birth, cards]", with: "facts: [number, name, birth]",
		rule: "proof_incomplete", at: -1, names: "applicant.card",
	},
	{
		name: "a fact that the register does not have", file: "papers.yaml", old: "facts: [number, name, birth, cards]",
		with: "facts: [number, name, birth, cards, shoe_size]", rule: "unknown_register_field", names: "shoe_size",
	},
	{
		name: "one of an unknown paper", file: "papers.yaml", old: "one_of: [birth_notice, affirmation]", with: "one_of: [birth_notice, oath]",
		rule: "unknown_paper", names: "oath",
	},
	{name: "paper twice", file: "papers.yaml", old: "- id: witness", with: "- id: birth_notice", rule: "id_twice", names: "birth_notice"},
	{name: "no copy wanted", file: "papers.yaml", old: "  originals: 1\n", with: "", rule: "paper_of_none", at: -7, names: "birth_notice"},

	// The process.
	{
		name: "step without holder", file: "process.yaml", old: "    holder: {duty: leader, at: competent}\n", with: "",
		rule: "step_without_holder", at: -2, names: "decide",
	},
	{
		name: "half a holder", file: "process.yaml", old: "holder: {duty: leader, at: competent}", with: "holder: {duty: leader}",
		rule: "step_without_holder", names: "decide",
	},
	{
		name: "unknown duty", file: "process.yaml", old: "holder: {duty: leader, at: competent}", with: "holder: {duty: mayor, at: competent}",
		rule: "unknown_word", names: "mayor",
	},
	{
		name: "two holders", file: "process.yaml", old: "holder: {duty: leader, at: competent}",
		with: "holder: {duty: leader, at: competent, system: true}", rule: "two_holders", names: "decide",
	},
	{
		name: "unreachable step", file: "process.yaml", old: "- {\"on\": registered, to: done}", with: "- {\"on\": registered, to: closed}",
		rule: "unreachable_step", names: "done", at: 1,
	},
	{
		name: "no way out", file: "process.yaml", old: "    next:\n      - {\"on\": registered, to: done}\n", with: "", rule: "no_way_out",
		at: -5, names: "register",
	},
	{
		name: "no end from it", file: "process.yaml", old: "- {\"on\": registered, to: done}", with: "- {\"on\": registered, to: register}",
		rule: "no_end_from", at: -6, names: "register",
	},
	{name: "unknown step", file: "process.yaml", old: "to: review}", with: "to: revue}", rule: "unknown_step", names: "revue"},
	{name: "unknown start", file: "process.yaml", old: "start: submitted", with: "start: begin", rule: "unknown_step", names: "begin"},
	{name: "unknown action", file: "process.yaml", old: "\"on\": propose", with: "\"on\": suggest", rule: "unknown_word", names: "suggest"},
	{name: "status that there is not", file: "process.yaml", old: "status: 2", with: "status: 11", rule: "status", names: "11"},
	{name: "end with another status", file: "process.yaml", old: "status: 10", with: "status: 4", rule: "end_status", names: "closed"},
	{
		name: "end with a way", file: "process.yaml", old: "    end: true", with: "    end: true\n    next: [{\"on\": take, to: review}]",
		rule: "end_with_way", at: 1, names: "closed",
	},
	{name: "start with another status", file: "process.yaml", old: "status: 1\n", with: "status: 4\n", rule: "start_status", names: "submitted"},
	{
		name: "one action, two ways", file: "process.yaml", old: "- {\"on\": approve, to: register}",
		with: "- {\"on\": approve, to: register}\n      - {\"on\": approve, to: done}", rule: "way_twice", at: 1, names: "approve",
	},
	{
		name: "steps above the limit", file: "process.yaml", old: "budget: {value: 3, unit: hour}", with: "budget: {value: 4, unit: hour}",
		rule: "over_limit", names: "review (4 hour)",
	},
	{
		name: "steps above the limit, by days", file: "process.yaml", old: "budget: {value: 3, unit: hour}",
		with: "budget: {value: 1, unit: working_day}", rule: "over_limit", names: "13",
	},
	{
		name: "limit below the steps", file: "manifest.yaml", old: "limit: {value: 1, unit: working_day}", with: "limit: {value: 7, unit: hour}",
		rule: "over_limit", names: "(7 giờ)",
	},
	{
		name: "a fact asked for twice", file: "form.yaml", old: "        meaning: child.origin\n", with: "        meaning: child.birthplace\n",
		rule: "asked_twice", names: "child.birthplace",
	},
	{
		name: "a fee below nothing", file: "manifest.yaml", old: "amount: 8000", with: "amount: -1", rule: "fee_negative", names: "-1",
	},
	{
		name: "budget beyond all counting", file: "process.yaml", old: "budget: {value: 3, unit: hour}",
		with: "budget: {value: 9223372036854775807, unit: working_day}", rule: "length", names: "2.500",
	},
	{name: "no process", file: "manifest.yaml", old: "process: process.yaml\n", rule: "missing", in: "manifest.yaml", names: "process"},
	{
		name: "budget of no unit", file: "process.yaml", old: "budget: {value: 3, unit: hour}", with: "budget: {value: 3, unit: week}",
		rule: "unit", names: "week",
	},
	{
		name: "no effect without a step", file: "process.yaml", old: "\"on\": registered", with: "\"on\": approve", rule: "effect_without_step",
		in: "manifest.yaml",
	},

	// Limits and fees.
	{
		name: "limit of the unit OTHER", file: "manifest.yaml", old: "limit: {value: 1, unit: working_day}",
		with: "limit: {value: 1, unit: OTHER}", rule: "unit", names: "OTHER",
	},
	{
		name: "limit of zero", file: "manifest.yaml", old: "limit: {value: 1, unit: working_day}", with: "limit: {value: 0, unit: working_day}",
		rule: "length", names: "0",
	},
	{name: "cutoff at no hour", file: "manifest.yaml", old: `cutoff: "15:00"`, with: `cutoff: "15h"`, rule: "wrong_shape", names: "15h"},
	{
		name: "no limit for all", file: "manifest.yaml", old: "limits:\n  - rule:",
		with: "limits:\n  - when: {question: copies.want, is: \"yes\"}\n    rule:", rule: "limit_for_all", at: 1,
	},
	{name: "fee without amount", file: "manifest.yaml", old: "    unknown: true\n", with: "", rule: "fee_without_amount", at: -3, names: "late"},
	{
		name: "fee both known and unknown", file: "manifest.yaml", old: "    unknown: true\n", with: "    unknown: true\n    amount: 0\n",
		rule: "fee_known_and_unknown", names: "late",
	},
	{name: "fee per nothing", file: "manifest.yaml", old: "per: copies.count", with: "per: copies.want", rule: "per_not_count", names: "copies.want"},

	// Results and effect.
	{
		name: "missing template", file: "manifest.yaml", old: "template: result.yaml", with: "template: certificate.yaml", rule: "file_missing",
		names: "certificate.yaml",
	},
	{
		name: "a line of nothing", file: "result.yaml", old: "value: child.name}", with: "value: child.nickname}", rule: "unknown_value",
		names: "child.nickname",
	},
	{name: "open brace", file: "result.yaml", old: `"{request.entry}/{year}"`, with: `"{request.entry/{year}"`, rule: "open_brace"},
	{
		name: "block of two shapes", file: "result.yaml", old: "- heading: {vi: Người được khai sinh, en: The child}",
		with: "- heading: {vi: Người được khai sinh, en: The child}\n    text: {vi: a, en: b}", rule: "block_shape",
	},
	{name: "unknown event", file: "manifest.yaml", old: "event: birth", with: "event: baptism", rule: "unknown_word", names: "baptism"},
	{
		name: "effect of an unknown question", file: "manifest.yaml", old: "child.origin: child.origin", with: "child.origin: child.home",
		rule: "unknown_question", names: "child.home",
	},
	{
		name: "effect without the name", file: "manifest.yaml", old: "    child.name: child.name\n", with: "", rule: "effect_lacks", at: -1,
		names: "child.name",
	},
	{
		name: "effect with an unknown member", file: "manifest.yaml", old: "    child.name: child.name\n",
		with: "    child.name: child.name\n    child.weight: child.name\n", rule: "effect_member", at: 1, names: "child.weight",
	},
	{name: "event on no day", file: "manifest.yaml", old: "\"on\": child.birth", with: "\"on\": child.name", rule: "effect_day", names: "child.name"},
	{
		name: "number given to a typed question", file: "manifest.yaml", old: "gives: child.number", with: "gives: mother.number",
		rule: "gives_not_system", names: "mother.number",
	},

	// Reasons.
	{
		name: "reason twice", file: "reasons.yaml", old: "code: notice_differs", with: "code: notice_unreadable", rule: "id_twice",
		names: "notice_unreadable",
	},
	{name: "reason for nothing", file: "reasons.yaml", old: "for: [supplement]", with: "for: [lunch]", rule: "unknown_word", names: "lunch"},
	{
		name: "reason about nothing", file: "reasons.yaml", old: "about: [birth_notice]", with: "about: [birth_letter]", rule: "unknown_about",
		names: "birth_letter",
	},
}

var brokenResidences = []broken{
	{name: "table of no repeated section", file: "result.yaml", old: "section: members", with: "section: head", rule: "table_section", names: "head"},
	{
		name: "a repeated answer in a line", file: "result.yaml", old: "value: head.name}", with: "value: members.name}",
		rule: "repeated_outside", names: "members.name",
	},
	{
		name: "a member told of once", file: "manifest.yaml", old: "members.name: members.name", with: "members.name: subject.name",
		rule: "repeated_outside", names: "subject.name",
	},
	{
		name: "a repeated answer told of once", file: "manifest.yaml", old: "place: dwelling.address", with: "place: members.name",
		rule: "repeated_outside", names: "members.name",
	},
	{
		name: "a question that is never asked", file: "form.yaml",
		old: "when: {question: request.household, is: join}\n" +
			"        required: {always: true}\n\n  - id: dwelling\n",
		with: "when: {question: dwelling.kind, is: own}\n        required: {always: true}\n\n  - id: dwelling\n", rule: "never_asked", names: "host.heads",
	},
	{
		name: "a limit for some that all steps exceed", file: "manifest.yaml", old: "limits:\n",
		with: "limits:\n  - when: {fact: channel, is: online}\n" +
			"    rule: {limit: {value: 6, unit: working_day}}\n    name: {vi: Qua mạng, en: Online}\n    basis: x\n    sure: memory\n",
		rule: "over_limit", at: 2, names: "52",
	},
	{
		name: "a limit that hides another", file: "manifest.yaml", old: "limits:\n",
		with: "limits:\n  - rule: {limit: {value: 9, unit: working_day}}\n    name: {vi: Khác, en: Other}\n    basis: x\n    sure: memory\n",
		rule: "limit_hides", at: 1,
	},
}

func TestBrokenPackagesAreNamed(t *testing.T) {
	t.Parallel()
	for code, list := range map[string][]broken{"1.001193": brokenBirths, "1.004222": brokenResidences} {
		tryBroken(t, code, list)
	}
}

// A result that is due on the day of reception leaves its steps one working day, whatever the
// limit beside it says.
func TestStepsOfAResultOfTheSameDay(t *testing.T) {
	t.Parallel()
	p := copyOf(t, "1.001193")
	edit(t, p, "manifest.yaml", "limit: {value: 1, unit: working_day}", "limit: {value: 5, unit: working_day}")
	if faults := Lint(p, "p"); len(faults) > 0 {
		t.Fatalf("eight hours of steps in a day:\n%s", listed(faults))
	}
	line := edit(t, p, "process.yaml", "budget: {value: 3, unit: hour}", "budget: {value: 4, unit: hour}")
	faults := Lint(p, "p")
	if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Rule == "over_limit" && f.File == "process.yaml" && f.Line == line }) {
		t.Errorf("nine hours of steps in a day:\n%s", listed(faults))
	}
}

func tryBroken(t *testing.T, code string, list []broken) {
	texts := printers(t)
	for _, b := range list {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			p := copyOf(t, code)
			line := edit(t, p, b.file, b.old, b.with) + b.at
			file := b.file
			if b.in != "" {
				file, line = b.in, -1
			}
			faults := Lint(p, "p")
			for _, f := range faults {
				if f.Rule != b.rule || f.File != file || line > 0 && f.Line != line {
					continue
				}
				for _, pr := range texts {
					text := f.In(pr)
					open := b.rule != "open_brace" && unfilled.MatchString(text) || strings.HasPrefix(text, "[")
					if open || pr.Lang == i18n.Vi && !strings.Contains(text, b.names) {
						t.Errorf("%s: %q does not name %q", pr.Lang, text, b.names)
					}
				}
				return
			}
			t.Errorf("want %s:%d %s, got\n%s", file, line, b.rule, listed(faults))
		})
	}
}

var unfilled = regexp.MustCompile(`\{[a-z_]+(?::[a-z.]*)?\}`)

func printers(t *testing.T) []*i18n.Printer {
	t.Helper()
	c, err := i18n.Load(Messages)
	if err != nil {
		t.Fatal(err)
	}
	return []*i18n.Printer{c.In(i18n.Vi), c.In(i18n.En)}
}
