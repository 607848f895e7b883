//go:build conformance

package conformance_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"
)

// apache is a site behind mod_auth_openidc, as an agency's older system has it.
var apache = template.Must(template.New("").Parse(`
ServerRoot {{.Dir}}
ServerName localhost
Listen 127.0.0.1:{{.Port}}
PidFile {{.Dir}}/pid
ErrorLog {{.Dir}}/error.log
LogLevel warn auth_openidc:debug
{{if .Root}}User www-data
Group www-data{{end}}
{{range .Modules}}LoadModule {{.}}_module /usr/lib/apache2/modules/mod_{{.}}.so
{{end}}
TypesConfig /dev/null
DocumentRoot {{.Dir}}/www
<Directory {{.Dir}}/www>
  Options +Includes
  AddType text/html .shtml
  AddOutputFilter INCLUDES .shtml
  Require all granted
</Directory>
OIDCProviderMetadataURL {{.Issuer}}/.well-known/openid-configuration
OIDCClientID apache
OIDCClientSecret {{.Secret}}
OIDCRedirectURI http://localhost:{{.Port}}/site/callback
OIDCCryptoPassphrase only-for-this-test
OIDCScope "openid profile"
OIDCPKCEMethod S256
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCCookieSameSite On
<Location /site>
  AuthType openid-connect
  Require valid-user
</Location>
`))

// TestApache: who opens a page of a site behind mod_auth_openidc signs in here, comes back, and
// the page shows what userinfo told. A sign-out at the site ends the sign-in here; one here ends
// that at the site, by the back channel.
func TestApache(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	port, site := startApache(t, h)
	b := newBrowser(t, h)
	shows := func() {
		t.Helper()
		at := b.get(site + "/page.shtml")
		if at.String() != site+"/page.shtml" || !strings.Contains(b.page, "name="+h.name+" ") || !strings.Contains(b.page, "iss="+h.issuer) {
			t.Fatalf("at %s: %s", at, b.page)
		}
	}
	shows()
	// A sign-out at the site.
	if at := b.get(site + "/callback?logout=" + strings.ReplaceAll("http://localhost:"+port+"/bye.html", ":", "%3A")); at.Path != "/bye.html" {
		t.Fatalf("signed out, it leads to %s: %s", at, b.page)
	}
	if at := b.do(http.MethodGet, h.issuer+"/identity", nil).Request.URL; at.Path != "/identity/sign-in" {
		t.Errorf("after the sign-out the provider shows %s", at)
	}
	// A sign-out here: the site is told.
	shows()
	b.do(http.MethodPost, h.issuer+"/identity/sign-out", form("x", ""))
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if at := b.do(http.MethodGet, site+"/page.shtml", nil).Request.URL; at.Path == "/identity/sign-in" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the site was not told of the sign-out: %s", b.page)
		}
	}
}

func startApache(t *testing.T, h *house) (port, site string) {
	t.Helper()
	const program = "/usr/sbin/apache2"
	if _, err := os.Stat("/usr/lib/apache2/modules/mod_auth_openidc.so"); err != nil {
		t.Fatal("apt install libapache2-mod-auth-openidc: ", err)
	}
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ = net.SplitHostPort(ln.Addr().String())
	site = "http://localhost:" + port + "/site"
	given := h.register(t, map[string]any{
		"client_id": "apache", "redirect_uris": []string{site + "/callback"}, "post_logout_redirect_uris": []string{"http://localhost:" + port + "/bye.html"},
		"backchannel_logout_uri": site + "/callback?logout=backchannel",
	})
	dir, err := os.MkdirTemp("", "dean06-apache-") //nolint:usetesting // that of a test is closed to www-data
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, text := range map[string]string{
		"www/site/page.shtml": `name=<!--#echo encoding="none" var="OIDC_CLAIM_name" --> iss=<!--#echo encoding="none" var="OIDC_CLAIM_iss" -->`,
		"www/bye.html":        "bye",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil { //nolint:gosec // www-data reads it
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // as above
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // as above
		t.Fatal(err)
	}
	var conf bytes.Buffer
	err = apache.Execute(&conf, map[string]any{
		"Dir": dir, "Port": port, "Issuer": h.issuer, "Secret": given, "Root": os.Getuid() == 0,
		"Modules": []string{"mpm_prefork", "authn_core", "authz_core", "authz_user", "mime", "include", "auth_openidc"},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "apache.conf")
	if err := os.WriteFile(file, conf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = ln.Close() // it is Apache's from here
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-DFOREGROUND", "-f", file)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // when it ends, it ends its group
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("%s\n%s", &said, log[max(0, len(log)-6000):])
		}
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:"+port+"/bye.html", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = answer.Body.Close()
			return port, site
		}
		if time.Now().After(deadline) {
			t.Fatalf("apache: %v: %s", err, &said)
		}
	}
}
