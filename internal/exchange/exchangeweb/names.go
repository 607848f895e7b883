package exchangeweb

import (
	"context"
	"strings"
	"time"

	"dean06/internal/platform/actor"
)

// Names tells what whoever is stored is called: an account's id, or the name itself in
// entries written before ids were.
type Names interface {
	NameOf(ctx context.Context, stored string, at time.Time) string
}

// called is the name of whoever did something at a moment. Gateways and the program have
// no account.
func called(ctx context.Context, names Names, stored string, at time.Time) string {
	if gateway, ok := strings.CutPrefix(stored, "gateway:"); ok {
		return gateway
	}
	if system := actor.OfSystem(); stored == system.Account {
		return system.Name
	}
	if names == nil || stored == "" {
		return stored
	}
	if name := names.NameOf(ctx, stored, at); name != "" {
		return name
	}
	return stored
}
