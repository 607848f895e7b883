package chart

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"dean06/internal/platform/clock"
	"dean06/internal/platform/i18n"
)

func printer(t testing.TB, lang i18n.Lang) *i18n.Printer {
	t.Helper()
	c, err := i18n.Load(Messages)
	if err != nil {
		t.Fatal(err)
	}
	return c.In(lang)
}

// reference reads a file of the map folder.
func reference(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "data", "map", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func num0(t testing.TB, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// samples makes one chart of each kind, of a believable size.
func samples(t testing.TB, lang i18n.Lang) map[string]*Chart {
	t.Helper()
	p := printer(t, lang)
	out := map[string]*Chart{}
	components := []string{"Hạ tầng mạng", "Hệ thống TTHC", "Thiết bị một cửa", "Kết nối dân cư, định danh", "An toàn, an ninh mạng"}
	agencies := []string{
		"Bộ Công an", "Bộ Giáo dục và Đào tạo", "Bộ Lao động - Thương binh và Xã hội", "Ngân hàng Nhà nước Việt Nam",
		"Thành phố Hà Nội", "Tỉnh Bà Rịa - Vũng Tàu", "Tỉnh Thừa Thiên Huế", "Tỉnh Cà Mau",
	}

	tiles := TileMapInput{Head: Head{ID: "tiles", Title: "63 tỉnh, thành phố", Desc: "Mức đáp ứng theo tỉnh."}}
	archipelagos := map[string]string{}
	for _, r := range reference(t, "archipelagos.csv") {
		archipelagos[r[0]] = r[1]
	}
	for i, r := range reference(t, "tiles.csv") {
		if r[0] != "63" {
			continue
		}
		tile := Tile{Code: r[1], Name: "Tỉnh " + r[1], Col: num0(t, r[3]), Row: num0(t, r[4]), Status: Statuses[i%4], Href: "/p/" + r[1]}
		if r[2] != "" {
			tile.Code, tile.Name, tile.PartOf = r[2], archipelagos[r[2]], r[1]
		}
		tiles.Tiles = append(tiles.Tiles, tile)
	}
	out["tiles"] = TileMap(p, tiles)

	shapes := ShapeMapInput{Head: Head{ID: "map", Title: "Bản đồ 63 tỉnh", Desc: "Mức đáp ứng theo tỉnh."}, Width: 576, Height: 660}
	for i, r := range reference(t, "vn63.csv") {
		shapes.Shapes = append(shapes.Shapes, Province{Code: r[0], Name: "Tỉnh " + r[0], Path: r[1], Status: Statuses[i%4], Href: "/p/" + r[0]})
	}
	m, err := ShapeMap(p, shapes)
	if err != nil {
		t.Fatal(err)
	}
	out["map"] = m

	bars := BarsInput{Head: Head{ID: "bars", Title: "Đáp ứng theo thành phần"}, LabelHead: "Thành phần"}
	funnel := BarsInput{Head: Head{ID: "funnel", Title: "Giai đoạn đầu tư"}, LabelHead: "Giai đoạn", ValueHead: "Số hệ thống"}
	for i, l := range components {
		v := float64(37 - 5*i)
		bars.Bars = append(bars.Bars, Bar{
			Label: l, Of: 63, Href: "/c",
			Segments: []Segment{
				{Status: Met, Value: v, Href: "/met"}, {Status: Partial, Value: 12}, {Status: NotMet, Value: 51 - v - 6}, {Status: Unknown, Value: 6},
			},
		})
		funnel.Bars = append(funnel.Bars, Bar{
			Label:    "Trình, phê duyệt dự án/kế hoạch thuê dịch vụ/đề cương, dự toán chi tiết",
			Segments: []Segment{{Value: float64(120 - 25*i), Href: "/x"}},
		})
	}
	out["bars"], out["funnel"] = Bars(p, bars), Bars(p, funnel)

	falls := WaterfallInput{
		Head: Head{ID: "waterfall", Title: "Vì sao máy nghĩ vậy", Desc: "Từng so sánh cộng hay trừ bao nhiêu bit."}, LabelHead: "So sánh", ValueHead: "Bit",
		SumHead: "Cộng dồn", Sum: "Cộng lại", Steps: []Fall{
			{"trước khi so sánh: một người trong cả sổ", -20.3},
			{"họ tên không dấu, thiếu hay thừa tên đệm", 9.4},
			{"ngày sinh khớp", 14.1},
			{"giới tính khác", -5.8},
			{"cùng tỉnh, khác xã", 0},
		},
	}
	out["waterfall"] = Waterfall(p, falls)

	days := []string{"2022-11-30", "2023-02-28", "2023-06-20", "2023-09-30", "2023-12-31"}
	trend := TrendInput{Head: Head{ID: "trend", Title: "Số cơ quan đáp ứng đủ"}, Step: true, Most: 63}
	for i, name := range []string{"Địa phương", "Bộ, ngành"} {
		s := Series{Name: name}
		for j, d := range days {
			s.Points = append(s.Points, At{On: clock.MustDate(d), Value: float64((3 + 11*j) / (1 + i*2)), Href: "/d"})
		}
		trend.Series = append(trend.Series, s)
	}
	out["trend"] = Trend(p, trend)
	slope := SlopeInput{
		Head: Head{ID: "slope", Title: "Thay đổi giữa hai đợt"}, From: "Đợt 1 (28/02/2023)", To: "Đợt 2 (20/06/2023)", Most: 63,
	}
	slip := SlipInput{Head: Head{ID: "slip", Title: "Chậm so với dự kiến"}}
	for i, l := range components {
		slope.Lines = append(slope.Lines, Slope{Name: l, From: float64(20 - 3*i), To: float64(37 - 9*i), Href: "/s"})
		slip.Items = append(slip.Items, Slip{Name: agencies[i], Declared: Month(2023, 3+i), Now: Month(2023, 6+2*i), Done: i == 2, Href: "/l"})
	}
	slip.Items = append(slip.Items, Slip{Name: "Tỉnh Cà Mau", Declared: Month(2023, 2)})
	out["slope"], out["slip"] = SlopeChart(p, slope), SlipChart(p, slip)
	return out
}
