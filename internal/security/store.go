package security

import (
	"context"
	"time"

	"dean06/internal/platform/actor"
)

// Of narrows what is read to an agency, and to one of its systems; "" is any.
type Of struct{ Agency, System string }

// Reader reads what is known of systems, the oldest first.
type Reader interface {
	Records(ctx context.Context, of Of) ([]Record, error)
	Dossiers(ctx context.Context, of Of) ([]Dossier, error)
	Checks(ctx context.Context, of Of) ([]Check, error)
	Findings(ctx context.Context, of Of) ([]Finding, error)
	Incidents(ctx context.Context, of Of) ([]Incident, error)
	Graces(ctx context.Context, of Of) ([]Grace, error)
	// Dossier, Finding and Incident give one. They fail with NotFound.
	Dossier(ctx context.Context, id string) (Dossier, error)
	Finding(ctx context.Context, id string) (Finding, error)
	Incident(ctx context.Context, id string) (Incident, error)
}

// Tx is a transaction on the store. What has a version is saved over the one that was read,
// with the next version; it fails with Conflict when another was quicker. Of one system one
// dossier is open, and one approved: a second fails with Conflict.
type Tx interface {
	Reader
	SaveRecord(ctx context.Context, r Record) error
	SaveDossier(ctx context.Context, d Dossier) error
	AddCheck(ctx context.Context, c Check) error
	SaveFinding(ctx context.Context, f Finding) error
	SaveIncident(ctx context.Context, i Incident) error
	SaveGrace(ctx context.Context, g Grace) error
	// Note writes a line of the audit log.
	Note(ctx context.Context, a Act) error
}

// Store keeps what is known of systems.
type Store interface {
	Reader
	// InTx runs f in one transaction, and again when the engine asks for it.
	InTx(ctx context.Context, f func(tx Tx) error) error
}

// Act is who did what, for the audit log.
type Act struct {
	By      actor.Actor
	Action  string
	Kind    string // "security_dossier"
	ID      string
	At      time.Time
	Details map[string]string
}
