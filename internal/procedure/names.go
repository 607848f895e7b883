// Package procedure is about administrative procedures. So far it knows what they are
// called; their forms, papers and deadlines come with the agency's side.
package procedure

import (
	"context"
	"encoding/csv"
	"sync"

	"dean06/data"
)

// names are the names of administrative procedures by code, read once.
var names = sync.OnceValue(func() map[string]string {
	f, err := data.Procedures.Open("tthc/names.csv")
	if err != nil {
		return nil
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows[1:] {
		out[r[0]] = r[1]
	}
	return out
})

// Name is what a procedure is called; "" when it is not in the list. A case of a
// procedure (1.001193.01) is called as the procedure.
func Name(_ context.Context, code string) string {
	if len(code) > 8 {
		code = code[:8]
	}
	return names()[code]
}
