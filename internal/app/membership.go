package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/exchange/exchangesql"
	acting "dean06/internal/platform/actor"
	"dean06/internal/platform/config"
	"dean06/internal/platform/health"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/pki"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/tsa"
)

// Join makes the gateway of a configuration a part of the exchange, with the token
// that the hub's operator gave. A node that runs takes it up by itself.
func Join(ctx context.Context, c exchangenode.GatewayConfig, hub, token string) (exchangeapi.Saved, error) {
	var saved exchangeapi.Saved
	key, closer, err := signer(c)
	if err != nil {
		return saved, err
	}
	defer closer.Close()
	address := c.Address
	if address == "" {
		address = c.PeerAddr
	}
	client := exchangeapi.Client{URL: hub}
	return client.Join(ctx, c.Dir, token, address, nil, key)
}

// Doctor asks everything that the gateway of a configuration needs whether it works.
// It fails with NotFound when the gateway has not joined.
func Doctor(ctx context.Context, c config.Config) ([]health.Finding, error) {
	catalogue, err := Catalogue()
	if err != nil {
		return nil, err
	}
	if _, err := exchangeapi.Load(config.In[exchangenode.GatewayConfig](c).Dir); err != nil {
		return nil, err // before a database is made for nothing
	}
	db, err := sqldb.Open(ctx, c.DB.URL.Reveal(), sqldb.Options{})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	b := &Base{DB: db, Clock: systemClock, Messages: catalogue}
	g, err := openGateway(ctx, b, *config.In[exchangenode.GatewayConfig](c), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	j, err := g.open(ctx)
	if err != nil {
		return nil, err
	}
	return j.Doctor(ctx), nil
}

// archive opens the log of a gateway's database.
func archive(ctx context.Context, url string) (*exchangesql.Store, *sqldb.DB, error) {
	if path, ok := sqlitePath(url); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, nil, fmt.Errorf("open the gateway's database: %w", err)
		}
	}
	db, err := sqldb.Open(ctx, url, sqldb.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := exchangesql.Migrate(ctx, db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return exchangesql.New(db, systemClock), db, nil
}

// ExportProof makes the proof of one message from a gateway's database.
func ExportProof(ctx context.Context, url, message string) ([]byte, error) {
	store, db, err := archive(ctx, url)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	proof, err := deskOf(store).ProofOf(ctx, acting.AtCommandLine(), message)
	if err != nil {
		return nil, err
	}
	return proof.File()
}

// VerifyProof checks a proof without a network. body, head and authorities (PEM) are
// nil when one has them not.
func VerifyProof(file, body, head, authorities []byte) ([]health.Finding, error) {
	proof, err := exchange.ReadProof(file)
	if err != nil {
		return nil, err
	}
	checks := exchange.Checks{Stamp: tsa.Verify}
	if authorities != nil {
		if checks.Authorities, err = pki.ReadCertificates(authorities); err != nil {
			return nil, err
		}
		checks.Timestamps = checks.Authorities
	}
	return proof.Verify(checks, body, head)
}

// CheckLog reads the whole log of a gateway's database, and says what holds or what
// was changed first.
func CheckLog(ctx context.Context, url string) (exchange.LogReport, error) {
	store, db, err := archive(ctx, url)
	if err != nil {
		return exchange.LogReport{}, err
	}
	defer db.Close()
	return deskOf(store).CheckLog(ctx, acting.AtCommandLine())
}

// deskOf is the desk of a gateway that does not run here.
func deskOf(store *exchangesql.Store) *exchange.Desk {
	return exchange.NewDesk(exchange.DeskParts{Store: store, Log: store, Clock: systemClock, NewID: newID, Stamp: tsa.Verify})
}

// WriteFindings writes findings as lines for a person, and says whether something
// does not work.
func WriteFindings(w io.Writer, p *i18n.Printer, list []health.Finding) (failing bool, err error) {
	for _, f := range list {
		failing = failing || f.Level == health.Failing
		if _, err := fmt.Fprintf(w, "%s %s\n", map[health.Level]string{health.Fine: "✓", health.Warning: "!", health.Failing: "✕"}[f.Level], p.T(f.Key, f.Args)); err != nil {
			return failing, err
		}
	}
	return failing, nil
}
