package app

import (
	"context"
	"encoding/csv"
	"sync"

	"dean06/data"
)

// procedureNames are the names of administrative procedures by code, read once.
var procedureNames = sync.OnceValue(func() map[string]string {
	f, err := data.Procedures.Open("tthc/names.csv")
	if err != nil {
		return nil
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil
	}
	names := make(map[string]string, len(rows))
	for _, r := range rows[1:] {
		names[r[0]] = r[1]
	}
	return names
})

// procedureName is what a procedure is called; "" when it is not in the list. A case
// of a procedure (1.001193.01) is called as the procedure.
func procedureName(_ context.Context, code string) string {
	if len(code) > 8 {
		code = code[:8]
	}
	return procedureNames()[code]
}
