//go:build conformance

package tsa

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"dean06/internal/platform/pki"
)

// openssl is the other reader and writer of the standard.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal("openssl is not installed")
	}
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), openssl, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	write := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newService(t, pki.TimeStamping, 30)
	data := []byte("head of a log")
	write("data", data)
	write("ca.pem", pki.WriteCertificates(s.ca))

	// It reads our token,
	token, _, err := s.at(t, now).Stamp(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	write("token", token)
	when := strconv.FormatInt(now.Unix(), 10)
	if got := run(
		"ts", "-verify", "-in", "token", "-token_in", "-data", "data", "-CAfile", "ca.pem", "-attime", when,
	); !strings.Contains(got, "OK") {
		t.Errorf("verify: %s", got)
	}
	// our reply to its own question,
	run("ts", "-query", "-data", "data", "-sha256", "-cert", "-out", "query")
	query, err := os.ReadFile(filepath.Join(dir, "query"))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := s.at(t, now).ask(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	write("reply", reply)
	if got := run("ts", "-verify", "-in", "reply", "-queryfile", "query", "-CAfile", "ca.pem", "-attime", when); !strings.Contains(got, "OK") {
		t.Errorf("verify: %s", got)
	}

	// and we read a token of its own, of an RSA key, with either way to name the certificate.
	write("tsa.cnf", []byte(`[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
[leaf]
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
default_policy = 1.2.3.4
digests = sha256
signer_digest = sha512
accuracy = secs:1, millisecs:500
clock_precision_digits = 3
ordering = yes
tsa_name = yes
`))
	write("serial", []byte("01\n"))
	run(
		"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-subj", "/CN=Foreign CA", "-days", "2", "-out",
		"foreign.pem", "-config", "tsa.cnf", "-extensions", "ca",
	)
	run(
		"req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-subj", "/CN=Foreign TSA", "-out", "tsa.csr",
		"-config", "tsa.cnf",
	)
	run(
		"x509", "-req", "-in", "tsa.csr", "-CA", "foreign.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1", "-out",
		"tsa.pem", "-extfile", "tsa.cnf", "-extensions", "leaf",
	)
	text, err := os.ReadFile(filepath.Join(dir, "foreign.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots, err := pki.ReadCertificates(text)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := os.ReadFile(filepath.Join(dir, "tsa.cnf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, alg := range []string{"sha1", "sha256", "sha384"} {
		write("tsa.cnf", append(bytes.Clone(conf), "ess_cert_id_alg = "+alg+"\n"...))
		run(
			"ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-inkey", "tsa.key", "-signer", "tsa.pem", "-token_out",
			"-out", "foreign.token",
		)
		token, err := os.ReadFile(filepath.Join(dir, "foreign.token"))
		if err != nil {
			t.Fatal(err)
		}
		at, err := Verify(token, data, roots)
		if err != nil || at.Before(parse(t, roots[0]).NotBefore) {
			t.Errorf("%s: stamped at %s, %v", alg, at, err)
		}
		if _, err := Verify(token, data, [][]byte{s.ca}); keyOf(err) != "tsa.token.stranger" {
			t.Errorf("%s, another authority: %v", alg, err)
		}
	}
}
