package app

import (
	"dean06/internal/platform/web"
)

// mount adds the pages of each module.
func (s *Site) mount(rt *web.Router) {
}
