package archive

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Text is words as they were logged, whatever bytes they are: {"base64":…} in a line where
// they are no UTF-8.
type Text string

type rawText struct {
	Base64 []byte `json:"base64"`
}

// MarshalJSON writes the words.
func (t Text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(rawText{[]byte(t)})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Text) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return json.Unmarshal(b, (*string)(t))
	}
	var raw rawText
	err := json.Unmarshal(b, &raw)
	*t = Text(raw.Base64)
	return err
}
