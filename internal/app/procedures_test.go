package app

import "testing"

func TestProcedureName(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"1.001193": "Đăng ký khai sinh", "1.001193.01": "Đăng ký khai sinh", "9.999999": "", "": ""} {
		if got := procedureName(t.Context(), code); got != want && (want == "" || len(got) < len(want)) {
			t.Errorf("procedure %q = %q, want %q", code, got, want)
		}
	}
}
