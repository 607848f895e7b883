package readinessnode_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/sqldb/sqldbtest"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessnode"
)

// The workbook of a return that the coordinator entered says so on its first sheet, and
// can be read as any other.
func TestEnteredWorkbookSaysSo(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	o := openOn(t, sqldbtest.OpenSQLite(t), clock.System{})
	v, err := o.Register().Look(ctx, readinessnode.System(), "488", "H55")
	if err != nil {
		t.Fatal(err)
	}
	ret := readiness.Return{Campaign: "488", Agency: "H55", Template: v.Template.Ref(), EnteredFrom: "ban-quet.pdf"}
	f, err := o.Exports().Return(ctx, v, &ret, "xlsx", "vi")
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(f.Content))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetList()[0])
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, row := range rows {
		text.WriteString(strings.Join(row, " ") + "\n")
	}
	if !strings.Contains(text.String(), "Nơi nhận nhập thay từ bản gốc “ban-quet.pdf”") {
		t.Errorf("the first sheet says:\n%s", text.String())
	}
}
