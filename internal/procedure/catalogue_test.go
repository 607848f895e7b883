package procedure_test

import (
	"testing"

	"dean06/internal/procedure"
)

func TestProcedureName(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"1.001193": "Thủ tục đăng ký khai sinh", "1.001193.01": "Thủ tục đăng ký khai sinh", "9.999999": "", "": "",
	} {
		if got := procedure.Name(t.Context(), code); got != want {
			t.Errorf("procedure %q = %q, want %q", code, got, want)
		}
	}
}
