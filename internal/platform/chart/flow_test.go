package chart

import (
	"strings"
	"testing"
)

// A flow is as wide as it was asked to be, its boxes do not touch, and each way is drawn.
func TestFlow(t *testing.T) {
	t.Parallel()
	c := Flow(nil, FlowInput{
		Head: Head{ID: "f", Title: "Quy trình", Desc: "Ba bước"}, Width: 340,
		Steps: []FlowStep{
			{Title: "Chờ tiếp nhận", Lines: []string{"Bộ phận một cửa"}},
			{Title: "Lãnh đạo Ủy ban nhân dân xã quyết định về hồ sơ này", Lines: []string{"Lãnh đạo", "Trả lại: đến bước 1"}},
			{Title: "Kết thúc", End: true},
		},
		Ways: []FlowWay{{0, 1, "Tiếp nhận"}, {1, 2, "Duyệt"}, {1, 0, "Trả lại"}},
	})
	if c.Width != 340 || c.Height < 200 {
		t.Errorf("%v by %v", c.Width, c.Height)
	}
	var end float64
	boxes, arrows := 0, 0
	for _, g := range c.Groups {
		for _, m := range g.Marks {
			switch {
			case m.Shape == Rect && m.Class == "none":
				if boxes++; m.Y < end || m.X+m.W > c.Width {
					t.Errorf("box %d begins at %v, above %v, or ends at %v", boxes, m.Y, end, m.X+m.W)
				}
				end = m.Y + m.H
			case m.Shape == Area:
				arrows++
			case m.Shape == Text && m.Y > c.Height:
				t.Errorf("%q is below the picture", m.Text)
			}
		}
	}
	if boxes != 3 || arrows != 3 || end > c.Height {
		t.Errorf("%d boxes, %d arrows, ending at %v of %v", boxes, arrows, end, c.Height)
	}
	if svg := c.SVG(); !strings.Contains(svg, "2. Lãnh đạo") || !strings.Contains(svg, ">Duyệt<") {
		t.Error("the picture lacks a step or a way")
	}
}
