package contractsoap

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"dean06/internal/platform/fault"
)

// jsonNames are the contract's names of the plain variant's members (one province's
// platform writes them so): {maYeuCau, maDVC, maCanBo, soDinhDanh, soCMND, hoVaTen,
// ngayThangNam, userNameService}.
var jsonNames = map[string]string{
	"ngayThangNam": "NgayThangNamSinh", "ngayThangNamSinh": "NgayThangNamSinh", "userNameService": "TaiKhoan",
}

// readPlain reads a call of the JSON variant. Its operation is that of the integration
// code.
func readPlain(b []byte) (fields, *refusal) {
	if !utf8.Valid(b) {
		return nil, client("json", nil)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, client("json", nil)
	}
	f := fields{}
	for d.More() {
		t, err := d.Token()
		member, ok := t.(string)
		if err != nil || !ok || member == "" || len(f) == maxFields {
			return nil, client("json", nil)
		}
		name := jsonNames[member]
		if name == "" {
			name = strings.ToUpper(member[:1]) + member[1:]
		}
		if _, twice := f[name]; twice {
			return nil, client("twice", fault.Args{"field": clip(member)})
		}
		if t, err = d.Token(); err != nil {
			return nil, client("json", nil)
		}
		switch v := t.(type) {
		case nil:
			f[name] = ""
		case string:
			f[name] = strings.TrimSpace(v)
		case json.Number:
			f[name] = v.String()
		default:
			return nil, badField(clip(member))
		}
		if len(f[name]) > maxValue {
			return nil, badField(clip(member))
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, client("json", nil)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, client("json", nil)
	}
	return f, nil
}
