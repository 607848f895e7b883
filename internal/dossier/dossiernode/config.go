package dossiernode

import (
	"os"
	"strings"
	"time"

	"dean06/internal/deadline"
	"dean06/internal/dossier"
	"dean06/internal/eform"
	"dean06/internal/platform/clock"
	"dean06/internal/platform/config"
	"dean06/internal/platform/fault"
)

// Config is the section "dossier": what an agency sets for its dossiers.
type Config struct {
	Code  string   `toml:"code"`  // pattern of the codes of dossiers
	Units []string `toml:"units"` // agencies whose codes have another unit: "H55.C05443=H55.12"
	// Online lets dossiers be filed online here, and not at the national portal alone.
	Online bool `toml:"online"`
	// Outages are times for which the service is announced to be away:
	// "2026-12-05T22:00/2026-12-06T04:00 Nâng cấp hệ thống | System upgrade".
	Outages  []string `toml:"outages"`
	Warn     string   `toml:"warn"`     // so long before it is due people are warned
	Escalate string   `toml:"escalate"` // so long after it the leader is
	// KeepDrafts is how long a form stays that nobody goes on with.
	KeepDrafts time.Duration `toml:"keep_drafts"`
	// SMSURL takes short texts to phones; "": none are sent. SMSTokenFile holds its bearer token.
	SMSURL       string `toml:"sms_url"`
	SMSTokenFile string `toml:"sms_token_file"`
}

const (
	keepDrafts  = 90 * 24 * time.Hour
	leastDrafts = 24 * time.Hour
)

// Section is the part of the configuration.
var Section = config.Section{
	Name: "dossier",
	New: func() any {
		return &Config{Code: dossier.PatternPortal, Online: true, Warn: "1 working_day", Escalate: "2 working_day", KeepDrafts: keepDrafts}
	},
	Check: func(v any, c *config.Check) {
		d := v.(*Config)
		if _, err := dossier.ParsePattern(d.Code); err != nil {
			c.Problem("dossier.code", "dossier_code", fault.Args{"one": dossier.PatternPortal, "other": dossier.PatternCircular})
		}
		for _, u := range d.Units {
			if _, _, ok := parseUnit(u); !ok {
				c.Problem("dossier.units", "dossier_unit", fault.Args{"value": u})
			}
		}
		for _, o := range d.Outages {
			if _, ok := parseOutage(o); !ok {
				c.Problem("dossier.outages", "dossier_outage", fault.Args{"value": o})
			}
		}
		for key, value := range map[string]string{"dossier.warn": d.Warn, "dossier.escalate": d.Escalate} {
			if _, err := deadline.ParseLimit(value); err != nil {
				c.Problem(key, "dossier_limit", fault.Args{"value": value})
			}
		}
		if d.KeepDrafts < leastDrafts {
			c.Problem("dossier.keep_drafts", "too_short", fault.Args{"min": leastDrafts.String()})
		}
		d.checkSMS(c)
	},
}

func (c *Config) checkSMS(at *config.Check) {
	if c.SMSURL != "" && !usableGateway(c.SMSURL) {
		at.Problem("dossier.sms_url", "dossier_sms", fault.Args{"value": c.SMSURL})
	}
	if c.SMSTokenFile == "" {
		return
	}
	if c.SMSURL == "" {
		at.Problem("dossier.sms_token_file", "needs", fault.Args{"other": "dossier.sms_url"})
	}
	if f, err := os.Open(c.SMSTokenFile); err != nil {
		at.Problem("dossier.sms_token_file", "file.cannot_open", fault.Args{"path": c.SMSTokenFile, "error": err.Error()})
	} else {
		_ = f.Close()
	}
}

// parseUnit reads "H55.C05443=H55.12".
func parseUnit(s string) (agency, unit string, ok bool) {
	agency, unit, ok = strings.Cut(strings.ReplaceAll(s, " ", ""), "=")
	return agency, unit, ok && agency != "" && unit != "" && unit == dossier.CleanCode(unit) && !strings.ContainsAny(unit, "-/")
}

// parseOutage reads "FROM/TO Vietnamese | English".
func parseOutage(s string) (o dossier.Outage, ok bool) {
	span, text, _ := strings.Cut(strings.TrimSpace(s), " ")
	from, to, _ := strings.Cut(span, "/")
	var err, err2 error
	o.From, err = time.ParseInLocation("2006-01-02T15:04", from, clock.Zone)
	o.To, err2 = time.ParseInLocation("2006-01-02T15:04", to, clock.Zone)
	vi, en, _ := strings.Cut(text, "|")
	o.Text = eform.Text{Vi: strings.TrimSpace(vi), En: strings.TrimSpace(en)}
	if o.Text.En == "" {
		o.Text.En = o.Text.Vi
	}
	return o, err == nil && err2 == nil && o.From.Before(o.To) && o.Text.Vi != ""
}

// settings are those of the configuration, which has been checked.
func (c *Config) settings(province string) dossier.Settings {
	s := dossier.Settings{Province: province, Code: c.Code, Units: map[string]string{}, Online: c.Online}
	for _, u := range c.Units {
		if agency, unit, ok := parseUnit(u); ok {
			s.Units[agency] = unit
		}
	}
	for _, o := range c.Outages {
		if outage, ok := parseOutage(o); ok {
			s.Outages = append(s.Outages, outage)
		}
	}
	s.Warn, _ = deadline.ParseLimit(c.Warn)
	s.Escalate, _ = deadline.ParseLimit(c.Escalate)
	return s
}
