// Package cleaningnode brings data cleaning to the register's node: the commands, the files
// that are handed in, their jobs, pages and papers. It decides nothing: that is the root's.
package cleaningnode

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"dean06/internal/cleaning"
	"dean06/internal/cleaning/cleaningapi"
	"dean06/internal/cleaning/cleaningreport"
	"dean06/internal/cleaning/cleaningsql"
	"dean06/internal/cleaning/cleaningweb"
	"dean06/internal/cleaning/reconcile"
	"dean06/internal/cleaning/reconcilesql"
	"dean06/internal/platform/actor"
	"dean06/internal/platform/approval"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/platform/jobs"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/sqldb"
	"dean06/internal/platform/ui"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadsql"
	"dean06/internal/platform/upload/uploadweb"
)

//go:embed messages/*.json
var messages embed.FS

// Messages are the words of the commands, and the names of roles, acts and jobs.
var Messages, _ = fs.Sub(messages, "messages")

// Needs are what cleaning needs of others on the node.
type Needs struct {
	Register cleaning.Register
	// Matched logs people whom a batch met in the transaction that notes them.
	Matched cleaningsql.Logged
	// Followed logs in the same way those of whom a batch is told what became of them.
	Followed cleaningsql.Logged
	// Alike finds people for single questions.
	Alike reconcile.Register
	// Told logs those about whom the program of an agency asked, in the transaction that counts it.
	Told reconcilesql.Logged
	// Sign signs that a file of a size and a SHA-256 was given out; it fails until it can.
	Sign func(kind, sha256 string, size int64, at time.Time) (text string, signature, der []byte, err error)
	// Subsystem is the one under which the register offers its services.
	Subsystem string
}

// Node is the module on one node.
type Node struct {
	needs Needs
	base  *node.Base
	desk  *cleaning.Desk
	store *cleaningsql.Store

	counter *cleaning.Counter
	pieces  *uploadsql.Service
	tally   *reconcilesql.Store
}

// New makes it.
func New(needs Needs) *Node { return &Node{needs: needs} }

// Desk is where files are cleaned, for tests of the whole.
func (n *Node) Desk() *cleaning.Desk { return n.desk }

const endJob = "cleaning.end"

// Words are the texts that the register's node and agencies' nodes show in the same way.
func Words() node.Module {
	return node.Module{Name: "cleaning_words", Messages: []fs.FS{cleaning.Messages, cleaningweb.Messages}}
}

// Module is what it brings.
func (n *Node) Module() node.Module {
	return node.Module{
		Name: "cleaning", Messages: []fs.FS{cleaningreport.Messages, cleaningapi.Messages, Messages},
		Migrate: func(ctx context.Context, db *sqldb.DB) error {
			return errors.Join(cleaningsql.Migrate(ctx, db), reconcilesql.Migrate(ctx, db))
		},
		Uploads:     true,
		Permissions: cleaning.Permissions.Lines(),
		Actions:     []string{"cleaning.hand_in", "cleaning.run", "cleaning.fetch", "cleaning.delete"},
		Commands: []node.Command{{
			Name: "clean", Help: "Data cleaning: hold a file against the people of the register.", Value: &commands{},
			May: map[string]string{
				"link": "anyone", "dedupe": "anyone", "evaluate": "anyone", "generate": "anyone", "explain": "anyone",
				"learn": "anyone", "score": "anyone", "join": "anyone",
			},
		}},
		Open: n.open,
	}
}

func (n *Node) open(_ context.Context, b *node.Base) (*node.Part, error) {
	n.base, n.store = b, cleaningsql.New(b.DB, n.needs.Matched, n.needs.Followed)
	n.desk = &cleaning.Desk{
		Store: n.store, Files: files{b.Files}, Register: n.needs.Register, Second: second{n}, Clock: b.Clock, NewID: sqldb.NewID,
		World: n.world, Disk: func(people int64) *cleaning.Disk { return holding{}.disk(people, "") },
		Texts: [2]*i18n.Printer{b.Messages.In(i18n.Vi), b.Messages.In(i18n.En)}, Sign: n.sign, Book: cleaningreport.Book,
	}
	n.openCounter(b)
	mount := uploadweb.Mount{Service: n.pieces, Path: cleaningweb.UploadPath, Log: b.Log, Owner: uploader, Allow: mayUpload}
	pages := &cleaningweb.Pages{
		Uploads: n.pieces, Attrs: mount.Attrs,
		Desk: n.desk, Frame: b.Frame, Clock: b.Clock, Agency: b.Agencies.NameOf, Name: b.Sessions.NameOf, Letter: n.letter,
		Agencies: func(ctx context.Context) ([]ui.Option, error) {
			list, err := b.Agencies.Choices(ctx)
			out := make([]ui.Option, len(list))
			for i, a := range list {
				out[i] = ui.Option{Value: a.Code, Label: a.Name}
			}
			return out, err
		},
	}
	var handlers []node.Handler
	for _, h := range uploadweb.Handlers(mount, cleaning.Permissions.Module+"."+string(cleaning.HandIn)) {
		handlers = append(handlers, node.Handler(h))
	}
	return &node.Part{
		Self: n, Routes: pages.Routes(), Handlers: handlers, Home: home, Nav: nav, Waiting: n.waiting, Approvals: []approval.Kind{n.releaseKind()},
		Jobs: map[string]jobs.Handler{
			cleaningsql.RunJob:     n.run,
			cleaningsql.PublishJob: n.publish,
			cleaningsql.AliveJob:   n.alive,
			cleaningsql.TakeJob:    n.take,
			endJob:                 func(ctx context.Context, _ *jobs.Task) error { return n.end(ctx) },
		},
		Periodic: []jobs.Periodic{{Kind: endJob, Slot: jobs.Daily(3, 10)}, {Kind: cleaningsql.AliveJob, Slot: jobs.Every(triedEvery)}},
		Services: append(n.services(), n.reconciling()),
	}, nil
}

// uploader is who sends a file in pieces.
func uploader(r *http.Request) (string, error) {
	a := session.Actor(r)
	return a.Account, cleaning.Permissions.Can(a, cleaning.HandIn)
}

// mayUpload lets files come that are to be cleaned, and nothing else.
func mayUpload(_ context.Context, _ string, file upload.New) (upload.Policy, error) {
	if file.For != cleaningweb.Purpose {
		return upload.Policy{}, fault.New(fault.NotFound, "cleaning.batch.unknown", nil)
	}
	return cleaning.Handing, nil
}

// world is the places as they stand today.
func (n *Node) world() (*cleaning.World, error) { return world(clock.DayOf(n.base.Clock.Now())) }

// home is where the police of a commune work; clerks have the register's pages.
func home(a actor.Actor) string {
	if commune, err := cleaning.May(a, cleaning.Review); err == nil && commune != "" {
		return cleaningweb.Path
	}
	return ""
}

func nav(p *i18n.Printer, a actor.Actor) []ui.NavItem {
	if _, err := cleaning.May(a, cleaning.See); err != nil {
		return nil
	}
	return []ui.NavItem{{Label: p.T("nav.cleaning"), Href: cleaningweb.Path}}
}

// waiting is the rows that wait for somebody who reviews.
func (n *Node) waiting(ctx context.Context, a actor.Actor) ([]node.Waiting, error) {
	var out []node.Waiting
	commune, err := cleaning.May(a, cleaning.Review)
	if err != nil {
		return out, nil //nolint:nilerr // who may not has nothing waiting
	}
	list, err := n.store.Batches(ctx, commune, "", 50)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		if b.State != cleaning.Reviewed && b.State != cleaning.Released {
			continue
		}
		all, err := n.store.Left(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		if left, _ := cleaning.LeftOf(all, commune); left > 0 {
			out = append(out, node.Waiting{Key: "work.cleaning.review", Count: left, Href: cleaningweb.Path + "/" + b.ID})
		}
	}
	return out, nil
}

func batchOf(t *jobs.Task) (id string, err error) {
	if err := t.Decode(&id); err != nil {
		return "", jobs.Permanent(err)
	}
	return id, nil
}

func (n *Node) run(ctx context.Context, t *jobs.Task) error {
	id, err := batchOf(t)
	if err != nil {
		return err
	}
	return n.desk.Run(ctx, id, func(done, of int) {
		_ = t.Progress(ctx, done, max(of, 1), jobs.Note{}) // for the eye; the rows say how far it is
	})
}

func (n *Node) publish(ctx context.Context, t *jobs.Task) error {
	id, err := batchOf(t)
	if err != nil {
		return err
	}
	return n.desk.Publish(ctx, id)
}

func (n *Node) sign(_ context.Context, f cleaning.File) (cleaning.Signature, error) {
	text, signature, der, err := n.needs.Sign(cleaning.SignedAs, f.SHA256, f.Size, n.base.Clock.Now())
	return cleaning.Signature{Text: text, Signature: signature, Certificate: der}, err
}

// letter is the letter that goes with a result, in the language of official papers.
func (n *Node) letter(ctx context.Context, s cleaning.Standing, format string) ([]byte, error) {
	in := cleaningreport.In{
		Standing: s, From: n.base.Agencies.NameOf(s.Batch.Office), To: n.base.Agencies.NameOf(s.Batch.Agency),
	}
	if n.base.URL != "" {
		in.URL = n.base.URL + cleaningweb.Path + "/" + s.Batch.ID
	}
	return cleaningreport.Written(n.base.Messages.In(i18n.Vi), in, format)
}

// second takes what a second person must let leave.
type second struct{ n *Node }

// AskRelease leaves a request.
func (s second) AskRelease(ctx context.Context, a actor.Actor, b cleaning.Batch, reason string, rows int) (string, error) {
	payload, err := json.Marshal(b.ID)
	if err != nil {
		return "", err
	}
	r := approval.Request{
		Kind: releaseCode, Subject: b.ID, Reason: reason, Payload: payload,
		SaysKey: "cleaning.release.says", SaysArgs: fault.Args{"file": b.Name, "agency": s.n.base.Agencies.NameOf(b.Agency), "rows": rows},
	}
	err = s.n.base.DB.InTx(ctx, func(tx *sqldb.Tx) (err error) {
		r, err = s.n.base.Approvals.Ask(ctx, tx, a, r)
		return err
	})
	return r.ID, err
}

const releaseCode = "cleaning.release"

// releaseKind is the request that a clean file may leave: another registrar decides.
func (n *Node) releaseKind() approval.Kind {
	return approval.Kind{
		Code: releaseCode, Deciders: []string{cleaning.Registrar},
		Href: func(r approval.Request) string { return cleaningweb.Path + "/" + r.Subject },
		Apply: func(ctx context.Context, tx *sqldb.Tx, r approval.Request) error {
			var id string
			if err := json.Unmarshal(r.Payload, &id); err != nil {
				return fmt.Errorf("read what release %s asked: %w", r.ID, err)
			}
			_, err := cleaningsql.UpdateIn(ctx, tx, id, "", r.Decider, func(b *cleaning.Batch) error {
				if b.State != cleaning.Asked && b.State != cleaning.Reviewed {
					return fault.New(fault.Conflict, "cleaning.batch.not_review", nil)
				}
				b.State, b.Request, b.ApprovedBy, b.ApprovedAt = cleaning.Approved, r.ID, r.Decider.Account, r.Decided
				return nil
			})
			return err
		},
	}
}
