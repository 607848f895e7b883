package upload

import (
	"bytes"
	"fmt"
)

// Measure is what a picture was judged by, for the message of a test.
func Measure(content []byte) string {
	img, err := decode(sniff(content[:16]), bytes.NewReader(content))
	if err != nil {
		return err.Error()
	}
	g := greyOf(img)
	sharp, any := g.sharpness(DefaultMarks.Contrast)
	return fmt.Sprintf("sharpness %.3f (%v), paper %.0f", sharp, any, g.quantile(0.9))
}
