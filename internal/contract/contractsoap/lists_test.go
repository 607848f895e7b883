package contractsoap_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestListOfACommuneElsewhere: the province and district beside a commune reach the register,
// which refuses those that are not the commune's; its reason comes back.
func TestListOfACommuneElsewhere(t *testing.T) {
	t.Parallel()
	const commune = "<x:MaPhuongXa>00004</x:MaPhuongXa>"
	for where, why := range map[string]string{
		"<x:MaTinhThanh>79</x:MaTinhThanh>":                                   "không thuộc 79",
		"<x:MaQuanHuyen>760</x:MaQuanHuyen>":                                  "không thuộc 760",
		"<x:MaTinhThanh>01</x:MaTinhThanh><x:MaQuanHuyen>760</x:MaQuanHuyen>": "không thuộc 01760",
		"<x:MaTinhThanh>01</x:MaTinhThanh><x:MaQuanHuyen>001</x:MaQuanHuyen>": "",
		"": "",
	} {
		w := newCountry(t).post(t, "099", soap("CungCapDanhSachTheoDiaPhuong", head+where+commune), func(*http.Request) {})
		if text := w.Body.String(); why == "" && w.Code != 200 || why != "" && (w.Code == 200 || !strings.Contains(text, why)) {
			t.Errorf("%s: %d %s, want %q", where, w.Code, text, why)
		}
	}
}
