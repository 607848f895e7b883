package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"dean06/internal/identity"
	"dean06/internal/platform/oauth"
)

// metadata is what the provider says of itself (OpenID Connect Discovery; RFC 8414).
func (p *Provider) metadata() map[string]any {
	at := func(path string) string { return p.issuer + path }
	auth := []string{identity.AuthKey, identity.AuthBasic, identity.AuthPost}
	return map[string]any{
		"issuer":                                                   p.issuer,
		"authorization_endpoint":                                   at(pathAuthorize),
		"pushed_authorization_request_endpoint":                    at(pathPAR),
		"token_endpoint":                                           at(pathToken),
		"userinfo_endpoint":                                        at(pathUserinfo),
		"introspection_endpoint":                                   at(pathIntrospect),
		"revocation_endpoint":                                      at(pathRevoke),
		"end_session_endpoint":                                     at(pathLogout),
		"jwks_uri":                                                 at(pathKeys),
		"scopes_supported":                                         identity.Scopes,
		"response_types_supported":                                 []string{"code"},
		"response_modes_supported":                                 []string{modeQuery, modeForm},
		"grant_types_supported":                                    []string{identity.GrantCode, identity.GrantRefresh, identity.GrantClient},
		"subject_types_supported":                                  []string{identity.Pairwise, identity.Public},
		"acr_values_supported":                                     []string{identity.One.ACR(), identity.Two.ACR()},
		"id_token_signing_alg_values_supported":                    oauth.OurAlgs,
		"userinfo_signing_alg_values_supported":                    oauth.OurAlgs,
		"request_object_signing_alg_values_supported":              oauth.ClientAlgs,
		"token_endpoint_auth_methods_supported":                    append(auth, identity.AuthNone),
		"token_endpoint_auth_signing_alg_values_supported":         oauth.ClientAlgs,
		"introspection_endpoint_auth_methods_supported":            auth,
		"introspection_endpoint_auth_signing_alg_values_supported": oauth.ClientAlgs,
		"revocation_endpoint_auth_methods_supported":               append(slices.Clone(auth), identity.AuthNone),
		"revocation_endpoint_auth_signing_alg_values_supported":    oauth.ClientAlgs,
		"dpop_signing_alg_values_supported":                        oauth.ClientAlgs,
		"code_challenge_methods_supported":                         []string{oauth.S256},
		"prompt_values_supported":                                  []string{"none", "login", "consent", "select_account"},
		"claim_types_supported":                                    []string{"normal"},
		"claims_supported": slices.Concat([]string{"sub", "iss", "auth_time", "acr", "amr", "sid", "act", "verified_claims"},
			identity.Claims, []string{"email_verified", "phone_number_verified", "updated_at"}),
		"claims_parameter_supported":                     true,
		"request_parameter_supported":                    true,
		"request_uri_parameter_supported":                false,
		"require_request_uri_registration":               false,
		"authorization_response_iss_parameter_supported": true,
		"backchannel_logout_supported":                   true,
		"backchannel_logout_session_supported":           true,
		"ui_locales_supported":                           []string{"vi", "en"},
		"verified_claims_supported":                      true,
		"trust_frameworks_supported":                     []string{trustFramework},
		"evidence_supported":                             []string{"document", "electronic_record"},
		"documents_supported":                            []string{"idcard"},
		"electronic_records_supported":                   []string{"population_register"},
		"claims_in_verified_claims_supported":            verifiable,
	}
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return writeJSON(w, http.StatusOK, p.metadata())
}

func (p *Provider) keys(w http.ResponseWriter, r *http.Request) error {
	ring, err := p.theRing(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", int(setKept.Seconds())))
	w.Header().Set("Access-Control-Allow-Origin", "*")
	return writeJSON(w, http.StatusOK, ring.published(p.Service.Clock.Now()))
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the reader may have gone
	return nil
}
