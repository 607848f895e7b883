package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dean06/internal/platform/config"
	"dean06/internal/platform/i18n"
)

// shape is a configuration with one section that a module could bring.
var shape = config.Shape{Roles: []string{"board", "hub"}, AccountRoles: []string{"administrator", "clerk"}, Sections: []config.Section{{
	Name: "kitchen", New: func() any { return &kitchen{Stoves: 2, Warm: time.Hour, Door: "127.0.0.1:1"} },
	Check: func(v any, c *config.Check) {
		k := v.(*kitchen)
		c.Between("kitchen.stoves", k.Stoves, 1, 9)
		c.Loopback("kitchen.door", k.Door)
		c.URL("kitchen.shop", k.Shop)
		c.Secret("kitchen.recipe", &k.Recipe, k.RecipeFile)
		if c.Role() == "hub" && k.Inner.Name == "" {
			c.Problem("kitchen.inner.name", "empty", nil)
		}
	},
}}}

type kitchen struct {
	Stoves     int           `toml:"stoves"`
	Warm       time.Duration `toml:"warm"`
	Door       string        `toml:"door"`
	Shop       string        `toml:"shop"`
	Recipe     config.Secret `toml:"recipe"`
	RecipeFile string        `toml:"recipe_file"`
	Inner      struct {
		Name string `toml:"name"`
	} `toml:"inner"`
}

const example = "testdata/node.toml"

func english(t *testing.T) *i18n.Printer {
	t.Helper()
	c, err := i18n.Load(config.Messages)
	if err != nil {
		t.Fatal(err)
	}
	return c.In(i18n.En)
}

func TestSections(t *testing.T) {
	t.Parallel()
	cfg, problems := config.Load(
		shape, write(t, "[kitchen]\nstoves = 3\n[kitchen.inner]\nname = \"back\"\n"), []string{"DEAN06_KITCHEN_WARM=2h"}, nil,
	)
	if len(problems) > 0 {
		t.Fatal(problems[0].Text(english(t)))
	}
	want := kitchen{Stoves: 3, Warm: 2 * time.Hour, Door: "127.0.0.1:1"}
	want.Inner.Name = "back"
	if diff := cmp.Diff(want, *config.In[kitchen](cfg)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if again := config.Default(shape.Sections...); config.In[kitchen](again).Stoves != 2 {
		t.Error("the defaults were changed by loading")
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	path := write(t, "[http]\naddr = \"127.0.0.1:1\"\ntrusted_proxies = [\"10.0.0.1\"]\n[jobs]\nworkers = 2\n[log]\nlevel = \"warn\"\n")
	cfg, problems := config.Load(shape, path,
		[]string{
			"DEAN06_HTTP_ADDR=127.0.0.1:2", "DEAN06_JOBS_WORKERS=3", "DEAN06_BLOB_S3_PLAIN=true", "DEAN06_SESSION_IDLE=10m", "PATH=/bin",
			"DEAN06_HTTP_TRUSTED_PROXIES=10.0.0.0/8, ::1",
		},
		map[string]string{"http.addr": "127.0.0.1:3"})
	if len(problems) > 0 {
		t.Fatal(problems[0].Text(english(t)))
	}
	got := fmt.Sprint(
		cfg.HTTP.Addr, " ", cfg.Jobs.Workers, " ", cfg.Log.SlogLevel(), " ", cfg.Blob.S3.Plain, " ", cfg.Session.Idle, " ", cfg.HTTP.Proxies(),
	)
	if want := "127.0.0.1:3 3 WARN true 10m0s [10.0.0.0/8 ::1/128]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dean06.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProblemsNameTheLineAndTheCure(t *testing.T) {
	t.Parallel()
	cert, key := pair(t)
	pr := english(t)
	for _, tt := range []struct {
		name, file string
		env        []string
		want       []string // line or source, key, and a part of the text
	}{
		{"syntax", "[http]\naddr = \n", nil, []string{":2: this is not TOML"}},
		{
			"unknown keys", "[htpt]\nx = 1\n[http]\n\nadr = \"x\"\n", nil,
			[]string{":1: htpt: there is no such setting", ":5: http.adr: there is no such setting. Do you mean http.addr?"},
		},
		{
			"unknown environment", "",
			[]string{"DEAN06_HTTP_ADRR=x"},
			[]string{"DEAN06_HTTP_ADRR: there is no such setting. Do you mean DEAN06_HTTP_ADDR?"},
		},
		{"types", "[jobs]\nworkers = \"four\"\n[session]\nidle = 30\nabsolute = \"long\"\n[blob.s3]\nplain = 1\n[http]\n" +
			"trusted_proxies = \"10.0.0.1\"\naddr = 8006\n", nil, []string{
			":9: http.trusted_proxies: must be a list", ":10: http.addr: must be a text", ":2: jobs.workers: must be a whole number",
			":4: session.idle: must be a length of time", ":5: session.absolute: must be a length", ":7: blob.s3.plain: must be true or false",
		}},
		{"a role that there is not", "[session]\nsecond_factor = [\"usual\", \"king\"]\ndir = \"\"\n", nil, []string{
			":3: session.dir: must not be empty", ":2: session.second_factor: cannot be “king”. Choose one of: usual, administrator, clerk",
		}},
		{"roles that there are", "[session]\nsecond_factor = [\"clerk\"]\n", nil, nil},
		{"nobody", "[session]\nsecond_factor = []\n", nil, nil},
		{"values", "[node]\nrole = \"king\"\naccent = \"pink\"\n[log]\nlevel = \"loud\"\n[jobs]\nworkers = 900\n[db]\nurl = \"mysql://x\"\n" +
			"[session]\nidle = \"2h\"\nabsolute = \"1h\"\n", nil, []string{
			":2: node.role: cannot be “king”. Choose one of: board", ":3: node.accent", ":5: log.level",
			":7: jobs.workers: 900 is not between 1 and 64", ":9: db.url: must be sqlite:PATH",
			":12: session.absolute: must not be shorter than session.idle",
		}},
		{
			"open without tls", "[http]\naddr = \"0.0.0.0:80\"\n", nil,
			[]string{":2: http.addr: this address is open to the network without encryption"},
		},
		{"behind a proxy", "[http]\naddr = \"0.0.0.0:80\"\npublic_url = \"https://x.example.vn/\"\n", nil, nil},
		{"half a pair", "[http]\ntls_key = \"k.pem\"\n", nil, []string{":2: http.tls_key: must be set together with http.tls_cert"}},
		{
			"missing files", "[http]\ntls_cert = \"/none/c.pem\"\ntls_key = \"/none/k.pem\"\n", nil,
			[]string{":2: http.tls_cert: the file “/none/c.pem” cannot be opened"},
		},
		{"no pair", "[http]\ntls_cert = \"" + cert + "\"\ntls_key = \"" + cert + "\"\n", nil, []string{"cannot be used together"}},
		{
			"http beside a certificate", "[http]\ntls_cert = \"" + cert + "\"\ntls_key = \"" + key + "\"\npublic_url = \"http://x.vn\"\n", nil,
			[]string{":4: http.public_url: must begin with https://"},
		},
		{"urls", "[http]\naddr = \"8006\"\n", nil, []string{"is no host:port"}},
		{
			"public url with a path", "[http]\npublic_url = \"https://x.vn/board\"\ntrusted_proxies = [\"all\"]\n", nil,
			[]string{"public_url: “https://x.vn/board” will not do", "“all” is no address"},
		},
		{
			"two stores",
			"[blob]\ndir = \"x\"\n[blob.s3]\nendpoint = \"s3:1\"\nbucket = \"b\"\naccess_key = \"a\"\nsecret_key = \"s\"\nsecret_key_file = \"f\"\n",
			nil,
			[]string{":2: blob.dir: cannot be set beside blob.s3.endpoint", "blob.s3.secret_key: cannot be set beside blob.s3.secret_key_file"},
		},
		{
			"half a store", "[blob.s3]\nendpoint = \"s3:1\"\n", nil,
			[]string{"blob.s3.access_key: must not be empty", "blob.s3.bucket", "blob.s3.secret_key"},
		},
		{
			"mail", "[mail]\ndir = \"x\"\nhost = \"mail.example.vn\"\nuser = \"u\"\ntls = \"none\"\nport = 99999\n", nil,
			[]string{
				"mail.dir: cannot be set beside mail.host", "mail.port", "mail.from: “dean06@localhost.localdomain”", "mail.user: must be set together",
				"mail.tls: the password would cross",
			},
		},
		{
			"a section",
			"[kitchen]\nstoves = 0\ndoor = \"0.0.0.0:1\"\nshop = \"ftp://x\"\n\n\"recipe\" = \"s\"\nrecipe_file = \"f\"\nstove = 1\n", nil,
			[]string{
				":8: kitchen.stove: there is no such setting. Do you mean kitchen.stoves?",
			},
		},
		{"values of a section", "[node]\nrole = \"hub\"\n[kitchen]\nstoves = 0\ndoor = \"0.0.0.0:1\"\nshop = \"ftp://x\"\n\n" +
			"\"recipe\" = \"s\"\nrecipe_file = \"f\"\n", nil, []string{
			":4: kitchen.stoves: 0 is not between 1 and 9", ":5: kitchen.door: ", ":6: kitchen.shop: ", ":8: kitchen.recipe: cannot be set beside",
			"kitchen.inner.name: must not be empty",
		}},
		{
			"dotted and quoted keys", "http.addr = \"0.0.0.0:80\"\n\"no\\u0064e\".role = \"king\"\n", nil,
			[]string{":1: http.addr: this address is open", ":2: node.role: cannot be “king”"},
		},
		{
			"good mail", "[mail]\nhost = \"mail.example.vn\"\nfrom = \"dean06@example.vn\"\nuser = \"u\"\npassword_file = \"" + key + "\"\n", nil,
			nil,
		},
	} {
		_, problems := config.Load(shape, write(t, tt.file), tt.env, nil)
		var got []string
		for _, p := range problems {
			got = append(got, p.Text(pr))
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s: %d problems, want %d:\n%s", tt.name, len(got), len(tt.want), strings.Join(got, "\n"))
			continue
		}
		for _, w := range tt.want {
			if !strings.Contains(strings.Join(got, "\n"), w) {
				t.Errorf("%s: nothing says %q:\n%s", tt.name, w, strings.Join(got, "\n"))
			}
		}
		for _, text := range got {
			if strings.Contains(text, "[config.") || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: message is missing or unfilled: %s", tt.name, text)
			}
		}
	}
	_, problems := config.Load(shape, "/none/dean06.toml", nil, map[string]string{"http.adr": "x"})
	if len(problems) != 2 || !strings.HasPrefix(problems[1].Text(pr), "--http.adr: http.adr: there is no such setting") {
		t.Errorf("missing file and unknown flag: %v", problems)
	}
}

// pair writes a certificate and its key.
func pair(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestSecretsStayCovered(t *testing.T) {
	t.Parallel()
	cfg, problems := config.Load(shape, "", []string{"DEAN06_DB_URL=postgres://u:hunter2@h/d", "DEAN06_MAIL_PASSWORD=hunter2"}, nil)
	if len(problems) > 0 || cfg.DB.URL.Reveal() != "postgres://u:hunter2@h/d" {
		t.Fatalf("%v", problems)
	}
	raw, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		fmt.Sprint(cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), string(raw), cfg.DB.URL.LogValue().String(),
	} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("the secret is out: %s", text)
		}
	}
}

func FuzzLoad(f *testing.F) {
	raw, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(raw))
	f.Add("[http]\naddr=1\n[[node]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "x.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, problems := config.Load(shape, path, nil, nil)
		if len(problems) == 0 && (cfg.HTTP.Addr == "" || cfg.Jobs.Workers < 1) {
			t.Errorf("%q was accepted as %+v", text, cfg)
		}
	})
}
