package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"dean06/internal/exchange"
	"dean06/internal/platform/pki"
	"dean06/internal/xroad"
)

// serviceWays are the ways to services that have authorities or a certificate of
// their own; all others share one.
type serviceWays struct {
	mu sync.Mutex
	by map[xroad.ID]serviceWay
}

type serviceWay struct {
	made      string // of what: the settings, and the state of their files
	transport *http.Transport
}

// ServiceTransport gives the way to a service as a call takes it, with TLS as its owner
// set it. Files that were replaced are read anew. It fails in words when the gateway's
// own certificate for the service cannot be used.
func (g *Gateway) ServiceTransport(s exchange.LocalService) (*http.Transport, error) {
	if s.TLS.IsZero() {
		return g.service, nil
	}
	made := fmt.Sprintf("%+v %s %s", s.TLS, stampOf(s.TLS.Certificate), stampOf(s.TLS.Key))
	if s.TLS.Certificate == exchange.OwnCertificate {
		made += g.identity.Load().fingerprint
	}
	w := &g.serviceWays
	w.mu.Lock()
	defer w.mu.Unlock()
	old, there := w.by[s.ID]
	if there && old.made == made {
		return old.transport, nil
	}
	config, err := g.serviceTLS(s.TLS)
	if err != nil {
		return nil, err
	}
	t := newServiceTransport()
	t.TLSClientConfig = config
	if w.by == nil {
		w.by = map[xroad.ID]serviceWay{}
	}
	w.by[s.ID] = serviceWay{made, t}
	if there {
		old.transport.CloseIdleConnections()
	}
	return t, nil
}

func (w *serviceWays) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.by {
		one.transport.CloseIdleConnections()
	}
}

// stampOf changes when a file does.
func stampOf(path string) string {
	if path == "" || path == exchange.OwnCertificate {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return "away"
	}
	return fmt.Sprint(info.ModTime().UnixNano(), info.Size())
}

// serviceTLS reads what a service's TLS is made of.
func (g *Gateway) serviceTLS(s exchange.ServiceTLS) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.ServerName, Time: g.set.Clock.Now}
	if s.CA != "" {
		list, err := pki.ReadCertificates([]byte(s.CA))
		if err != nil || len(list) == 0 {
			return nil, errors.New("the authorities set for the service cannot be read")
		}
		c.RootCAs = x509.NewCertPool()
		for _, der := range list {
			cert, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, errors.New("the authorities set for the service cannot be read")
			}
			c.RootCAs.AddCert(cert)
		}
	}
	switch s.Certificate {
	case "":
	case exchange.OwnCertificate:
		c.Certificates = []tls.Certificate{g.identity.Load().tls}
	default:
		if info, err := os.Stat(s.Key); err == nil && info.Mode().Perm()&0o077 != 0 {
			return nil, fmt.Errorf("others may read the key file %s: chmod 600", s.Key)
		}
		pair, err := tls.LoadX509KeyPair(s.Certificate, s.Key)
		if err != nil {
			return nil, fmt.Errorf("the gateway's certificate for the service cannot be used: %w", fileError(err))
		}
		if now := g.now(); now.After(pair.Leaf.NotAfter) {
			return nil, fmt.Errorf("the gateway's certificate for the service ended on %s", moment(pair.Leaf.NotAfter))
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// fileError keeps of an error with a key only what names a file.
func fileError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path
	}
	return errors.New("certificate and key are not a pair of PEM files")
}

// tlsFault says in words that TLS to a service failed, and why; ok is false when it
// was something else.
func tlsFault(err error) (text string, ok bool) {
	var (
		invalid   x509.CertificateInvalidError
		unknown   x509.UnknownAuthorityError
		name      x509.HostnameError
		record    tls.RecordHeaderError
		unchecked *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		return fmt.Sprintf("the certificate of the service counts from %s until %s", moment(invalid.Cert.NotBefore), moment(invalid.Cert.NotAfter)), true
	case errors.As(err, &unknown):
		return "the certificate of the service is not by an authority that the provider's gateway trusts for it", true
	case errors.As(err, &name):
		return "the certificate of the service is for another name", true
	case errors.As(err, &record):
		return "the service does not speak TLS at its address", true
	case errors.As(err, &unchecked):
		return "the certificate of the service cannot be trusted", true
	case strings.Contains(err.Error(), "remote error: tls"):
		return "the service does not accept the certificate of the provider's gateway, or its TLS", true
	}
	return "", false
}

// TryService makes a TLS connection to a service as a call would, with nothing asked:
// a request could do something. It gives until when the service's certificate counts;
// the zero time for a service without TLS.
func (g *Gateway) TryService(ctx context.Context, s exchange.LocalService) (until time.Time, err error) {
	if !strings.HasPrefix(s.URL, "https://") {
		return time.Time{}, reach(ctx, s.URL)
	}
	t, err := g.ServiceTransport(s)
	if err != nil {
		return time.Time{}, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Time: g.set.Clock.Now}
	if t.TLSClientConfig != nil {
		config = t.TLSClientConfig.Clone()
	}
	address, host, err := dialAddress(s.URL)
	if err != nil {
		return time.Time{}, err
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", address)
	if err == nil {
		defer conn.Close()
		state := conn.(*tls.Conn).ConnectionState()
		// With TLS 1.3 a server says only afterwards that it does not accept the certificate.
		_ = conn.SetReadDeadline(time.Now().Add(refusedWithin)) //nolint:forbidigo // a deadline of the network
		if _, e := conn.Read(make([]byte, 1)); e != nil && strings.Contains(e.Error(), "remote error: tls") {
			err = e
		}
		until = state.PeerCertificates[0].NotAfter
	}
	if err != nil {
		if text, ok := tlsFault(err); ok {
			return until, errors.New(text)
		}
	}
	return until, err
}

// refusedWithin is how long one waits for a server that says nothing when all is well.
const refusedWithin = 200 * time.Millisecond
