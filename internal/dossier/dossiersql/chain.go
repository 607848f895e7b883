package dossiersql

import (
	"context"

	"dean06/internal/platform/ledger"
	"dean06/internal/platform/ledger/ledgersql"
	"dean06/internal/platform/sqldb"
)

// The names of the chains.
const (
	ActionChain = ledger.Dossiers
	LookChain   = ledger.DossierLooks
)

// ends is the table with the ends of both.
const ends = "dossier_log"

// Chains are the logs of this module that others can check: actions, with the dossiers that
// follow from them, and looks.
func Chains(db *sqldb.DB) []ledger.Chain {
	return []ledger.Chain{ledgersql.NewChain(db, actionLog(db)), ledgersql.NewChain(db, lookLog(db))}
}

func actionLog(db *sqldb.DB) ledgersql.Log {
	return dossierLog{ledgersql.NewRows[actionRow](db, ActionChain, "dossier_action", actionColumns, ends), db}
}

func lookLog(db *sqldb.DB) ledgersql.Log {
	return ledgersql.NewRows[lookRow](db, LookChain, "dossier_look", lookColumns, ends)
}

// dossierLog is the log of actions, from which the dossiers follow.
type dossierLog struct {
	ledgersql.Rows[actionRow]
	db *sqldb.DB
}

var _ ledgersql.Beside = dossierLog{}

// Beside holds the dossiers against their actions.
func (l dossierLog) Beside(ctx context.Context) error { return states(ctx, l.db) }
