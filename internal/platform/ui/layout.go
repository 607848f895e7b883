package ui

// htmxConfig keeps htmx within the content security policy (no eval, no styles
// of its own) and lets a form that failed (422) replace itself.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"responseHandling":[{"code":"204","swap":false},` +
	`{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}`

func container(p Page) string {
	if p.Wide {
		return "govuk-width-container app-wide"
	}
	return "govuk-width-container"
}
