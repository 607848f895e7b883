package node

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// pairEvery is how often the files of a certificate are looked at, at most.
const pairEvery = time.Second

// pair is the certificate of the pages, from two files. When they change, the new one is
// taken up by the next connection; what does not fit together, as while somebody copies one after the
// other, leaves the old one in use.
type pair struct {
	certFile, keyFile string

	mu     sync.Mutex
	looked time.Time
	seen   [2]fileLook // of what is in use, or was found not to fit
	now    *tls.Certificate
	wrong  bool
}

// fileLook is what a file looks like from outside.
type fileLook struct {
	at   time.Time
	size int64
}

func look(name string) (l fileLook) {
	if info, err := os.Stat(name); err == nil {
		l.at, l.size = info.ModTime(), info.Size()
	}
	return l
}

// openPair reads the certificate. It fails when the files do not fit together.
func openPair(certFile, keyFile string) (*pair, error) {
	p := &pair{certFile: certFile, keyFile: keyFile, seen: [2]fileLook{look(certFile), look(keyFile)}}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("load certificate %s: %w", certFile, err)
	}
	p.now = &cert
	return p, nil
}

// get is for tls.Config.GetCertificate.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now() //nolint:forbidigo // how long ago the files were looked at
	if now.Sub(p.looked) < pairEvery {
		return p.now, nil
	}
	p.looked = now
	looks := [2]fileLook{look(p.certFile), look(p.keyFile)}
	if looks == p.seen {
		return p.now, nil
	}
	cert, err := tls.LoadX509KeyPair(p.certFile, p.keyFile)
	if err != nil {
		if !p.wrong {
			slog.Warn("changed certificate of the pages is not taken up", "file", p.certFile, "error", err)
		}
		p.wrong = true
		return p.now, nil // the files are tried again: seen stays what it was
	}
	p.now, p.seen, p.wrong = &cert, looks, false
	slog.Info("new certificate of the pages in use", "file", p.certFile, "until", cert.Leaf.NotAfter)
	return p.now, nil
}
