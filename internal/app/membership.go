package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/exchange/exchangeapi"
	"dean06/internal/exchange/exchangenode"
	"dean06/internal/exchange/exchangesql"
	"dean06/internal/platform/config"
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
func Doctor(ctx context.Context, c config.Config) ([]exchange.Finding, error) {
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
	signed, _, _, err := store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	var conf exchange.Configuration
	if err := json.Unmarshal(signed.Body, &conf); err != nil {
		return nil, fmt.Errorf("read the stored configuration: %w", err)
	}
	proof, err := exchange.ExportMessage(ctx, store, exchange.Index(conf), message)
	if err != nil {
		return nil, err
	}
	return proof.File()
}

// VerifyProof checks a proof without a network. body, head and authorities (PEM) are
// nil when one has them not.
func VerifyProof(file, body, head, authorities []byte) ([]exchange.Finding, error) {
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
	var trusted [][]byte
	if signed, _, ok, err := store.Configuration(ctx); err != nil {
		return exchange.LogReport{}, err
	} else if ok {
		var conf exchange.Configuration
		if err := json.Unmarshal(signed.Body, &conf); err != nil {
			return exchange.LogReport{}, fmt.Errorf("read the stored configuration: %w", err)
		}
		trusted = slices.Concat(conf.Authorities, conf.Timestamps)
	}
	return exchange.CheckLog(ctx, store, exchange.LogChecks{
		Stamp: func(token, data []byte) (time.Time, error) { return tsa.Verify(token, data, trusted) },
	})
}

// WriteFindings writes findings as lines for a person, and says whether something
// does not work.
func WriteFindings(w io.Writer, p *i18n.Printer, list []exchange.Finding) (failing bool, err error) {
	for _, f := range list {
		failing = failing || f.Level == exchange.Failing
		if _, err := fmt.Fprintf(w, "%s %s\n", map[exchange.Level]string{exchange.Fine: "✓", exchange.Warning: "!", exchange.Failing: "✕"}[f.Level], p.T(f.Key, f.Args)); err != nil {
			return failing, err
		}
	}
	return failing, nil
}
