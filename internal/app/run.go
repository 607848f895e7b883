package app

import (
	"context"
	"log/slog"
	"runtime/debug"

	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/resident"
)

// Run runs the node that the configuration describes until ctx ends.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	n, _, err := Open(ctx, cfg.Node.Role, node.Settings{Config: cfg, Log: log, Serving: true})
	if err != nil && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer n.Close()
	debug.FreeOSMemory() // what opening took is not needed again
	resident.Trim()
	pages, err := node.Listen(ctx, cfg.HTTP)
	if err != nil {
		return err
	}
	log.Info("serving", "addr", pages.Addr().String(), "role", cfg.Node.Role)
	return n.Serve(ctx, pages)
}
