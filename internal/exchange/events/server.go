package events

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"dean06/internal/platform/clock"
)

// Settings are those of a Hub. The zero value of each is a good one.
type Settings struct {
	Retention time.Duration // how long events are kept; 30 days
	MaxStore  int64         // bytes on disk; 1 GiB. When it is full nothing is dropped: publishing waits
	MaxEvent  int           // bytes of one event; 256 KiB
	// Lease is how long a subscriber may work on an event before it is given out
	// anew; 30 s.
	Lease time.Duration
	// MaxDeliver is how often an event may be refused before it is a dead letter; 10.
	MaxDeliver int
	// Backoff is how long a refused event rests after the n-th refusal; from 1 s,
	// doubled each time, to 10 minutes.
	Backoff func(n uint64) time.Duration
	// Key encrypts what is kept; empty does not.
	Key     string
	Cluster Cluster
	Clock   clock.Clock
	Log     *slog.Logger
}

// Cluster joins several hubs. The zero value is one hub that listens nowhere.
type Cluster struct {
	Name     string   // of the cluster; empty is no cluster
	Server   string   // of this hub, unique in the cluster
	Listen   string   // host:port for the other hubs
	Routes   []string // nats://host:port of the others
	Replicas int      // how many hubs keep each event; 1, 3 or 5
	TLS      *tls.Config
}

func (s Settings) filled() Settings {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&s.Retention, 30*24*time.Hour)
	def(&s.Lease, 30*time.Second)
	if s.MaxStore <= 0 {
		s.MaxStore = 1 << 30
	}
	if s.MaxEvent <= 0 {
		s.MaxEvent = 256 << 10
	}
	if s.MaxDeliver <= 0 {
		s.MaxDeliver = 10
	}
	if s.Backoff == nil {
		s.Backoff = func(n uint64) time.Duration {
			return min(time.Second<<min(n-1, 20), 10*time.Minute)
		}
	}
	s.Cluster.Replicas = max(s.Cluster.Replicas, 1)
	if s.Clock == nil {
		s.Clock = clock.System{}
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return s
}

// start runs the server in this process. Every write is on the disk before it is
// acknowledged.
func start(dir string, s Settings) (_ *server.Server, word string, _ error) {
	o := &server.Options{
		ServerName: "hub", DontListen: true, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: dir, SyncAlways: true, JetStreamKey: s.Key,
		JetStreamMaxMemory: 16 << 20, JetStreamMaxStore: s.MaxStore,
		MaxPayload: int32(max(1<<20, 2*s.MaxEvent)),
	}
	if c := s.Cluster; c.Name != "" {
		host, port, err := net.SplitHostPort(c.Listen)
		if err != nil {
			return nil, "", fmt.Errorf("events: where the cluster listens: %w", err)
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, "", fmt.Errorf("events: where the cluster listens: %w", err)
		}
		// The store joins others only while it listens for clients too: on this machine,
		// with a word that nobody else has.
		o.DontListen, o.Host, o.Port, o.Authorization = false, "127.0.0.1", server.RANDOM_PORT, rand.Text()
		o.ServerName = c.Server
		o.Cluster = server.ClusterOpts{Name: c.Name, Host: host, Port: n, TLSConfig: c.TLS, TLSTimeout: 5}
		for _, r := range c.Routes {
			u, err := url.Parse(r)
			if err != nil {
				return nil, "", fmt.Errorf("events: route of the cluster: %w", err)
			}
			o.Routes = append(o.Routes, u)
		}
	}
	srv, err := server.NewServer(o)
	if err != nil {
		return nil, "", fmt.Errorf("events: make the server: %w", err)
	}
	srv.SetLoggerV2(serverLog{s.Log}, false, false, false)
	srv.Start()
	if !srv.ReadyForConnections(30 * time.Second) {
		srv.Shutdown()
		return nil, "", errors.New("events: the server does not start")
	}
	return srv, o.Authorization, nil
}

// serverLog writes what the server complains of. Its notices say nothing new.
type serverLog struct{ log *slog.Logger }

// Noticef, Debugf and Tracef are for who mends the server itself.
func (serverLog) Noticef(string, ...any) {}

// Debugf says nothing.
func (serverLog) Debugf(string, ...any) {}

// Tracef says nothing.
func (serverLog) Tracef(string, ...any) {}

// Warnf writes a warning.
func (l serverLog) Warnf(format string, v ...any) {
	l.log.Warn("event store", "said", fmt.Sprintf(format, v...))
}

// Errorf writes an error.
func (l serverLog) Errorf(format string, v ...any) {
	l.log.Error("event store", "said", fmt.Sprintf(format, v...))
}

// Fatalf writes an error; the program decides what is fatal.
func (l serverLog) Fatalf(format string, v ...any) { l.Errorf(format, v...) }

const (
	eventStream = "EVENTS"
	deadStream  = "DEAD"
	catalogue   = "catalogue"
)

// Open starts the hub on what is kept in dir. In a cluster it waits for a majority.
func Open(ctx context.Context, dir string, s Settings) (_ *Hub, err error) {
	s = s.filled()
	srv, word, err := start(dir, s)
	if err != nil {
		return nil, err
	}
	h := &Hub{set: s, srv: srv, schemas: map[string]compiled{}, done: map[string]map[uint64]bool{}}
	h.closing, h.stop = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			h.Close()
		}
	}()
	h.nc, err = nats.Connect("", nats.InProcessServer(srv), nats.Token(word), nats.MaxReconnects(-1), nats.Name("hub"))
	if err != nil {
		return nil, fmt.Errorf("events: reach the server: %w", err)
	}
	if h.js, err = jetstream.New(h.nc, jetstream.WithDefaultTimeout(10*time.Second)); err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	// A cluster chooses its leader first, and until then answers nothing.
	first := 30 * time.Second
	if s.Cluster.Name != "" {
		first = 2 * time.Second
	}
	for tries := 0; ; tries++ {
		attempt, cancel := context.WithTimeout(ctx, first+time.Duration(tries)*time.Second)
		err = h.prepare(attempt)
		cancel()
		if err == nil {
			return h, nil
		}
		if s.Cluster.Name == "" || tries >= 30 {
			return nil, fmt.Errorf("events: prepare the store: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("events: prepare the store: %w", ctx.Err())
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// prepare makes the streams, or brings them to the settings.
func (h *Hub) prepare(ctx context.Context) error {
	part, replicas := h.set.MaxStore/16, h.set.Cluster.Replicas
	stream := func(name, subject string, bytes int64) (jetstream.Stream, error) {
		return h.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: name, Subjects: []string{subject}, Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy,
			Discard: jetstream.DiscardNew, MaxBytes: bytes, Replicas: replicas, AllowDirect: replicas == 1, Duplicates: 2 * time.Minute,
		})
	}
	var err error
	if h.events, err = stream(eventStream, "e.>", 11*part); err != nil {
		return err
	}
	if h.dead, err = stream(deadStream, "d.>", 4*part); err != nil {
		return err
	}
	if h.kv, err = h.js.KeyValue(ctx, catalogue); !errors.Is(err, jetstream.ErrBucketNotFound) {
		return err
	}
	h.kv, err = h.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: catalogue, Storage: jetstream.FileStorage, MaxBytes: part, Replicas: replicas, MaxValueSize: maxSchema * 2,
	})
	if err != nil || replicas == 1 {
		return err
	}
	// Who has just written at one hub must read it at another: the leader answers.
	s, err := h.js.Stream(ctx, "KV_"+catalogue)
	if err != nil {
		return err
	}
	c := s.CachedInfo().Config
	c.AllowDirect = false
	if _, err = h.js.UpdateStream(ctx, c); err != nil {
		return err
	}
	h.kv, err = h.js.KeyValue(ctx, catalogue)
	return err
}
