package dossier_test

import (
	"os"
	"strings"
	"testing"

	"dean06/internal/dossier"
	"dean06/internal/platform/i18n"
)

// TestDocsNameEveryVerb: the page about dossiers says of each act when it is done and by whom.
func TestDocsNameEveryVerb(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../docs/dossier.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range dossier.Verbs {
		if !strings.Contains(string(raw), "`"+string(verb)+"`") {
			t.Errorf("docs/dossier.md says nothing of %s", verb)
		}
	}
}

// TestEverythingHasWords: statuses, verbs, channels, deeds and what becomes of a stale act
// have texts in both languages.
func TestEverythingHasWords(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(dossier.Messages)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for status := dossier.New; status <= dossier.HandedOver; status++ {
		keys = append(keys, status.Key())
	}
	for _, verb := range dossier.Verbs {
		keys = append(keys, verb.Key(), "dossier.stale."+string(verb))
	}
	for _, c := range []dossier.Channel{dossier.AtDesk, dossier.Online, dossier.ByPost} {
		keys = append(keys, c.Key())
	}
	for _, h := range []dossier.How{
		dossier.ByRegister, dossier.ByDossier, dossier.ByAgency, dossier.ByUpload, dossier.ByScan, dossier.ByShowing,
	} {
		keys = append(keys, h.Key())
	}
	for _, state := range []string{dossier.ClaimCorrected, dossier.ClaimRefused, dossier.ClaimUnsent} {
		keys = append(keys, "dossier.claim."+state)
	}
	for _, state := range []string{dossier.EffectAsked, dossier.EffectRefused} { // as the log has them
		keys = append(keys, "dossier.effect."+state)
	}
	for _, line := range dossier.Permissions.Lines() {
		keys = append(keys, "dossier.may."+line.Action, "dossier.denied."+line.Action)
	}
	for _, duty := range []string{dossier.DutyDesk, dossier.DutyReviewer, dossier.DutyPolice, dossier.DutyLeader} {
		keys = append(keys, "dossier.who."+duty)
	}
	for _, key := range keys {
		for _, lang := range []i18n.Lang{i18n.Vi, i18n.En} {
			if text := catalogue.In(lang).T(key); text == "" || strings.Contains(text, key) {
				t.Errorf("%s has no text in %s", key, lang)
			}
		}
	}
}
