package app

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"

	"dean06/internal/platform/config"
	"dean06/internal/platform/node"
	"dean06/internal/platform/resident"
)

// gatewayMemory is how much a gateway may hold before collecting harder.
const gatewayMemory = 64 << 20

// Run runs the node that the configuration describes until ctx ends.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" && cfg.Node.Role != Board {
		// Below 80 MB at 32 callers, the program's file included, once the kernel holds that
		// in ordinary pages; at 100 a call takes 0.04 ms less and the gateway 5 MB more.
		debug.SetGCPercent(60)
		debug.SetMemoryLimit(gatewayMemory)
	}
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
