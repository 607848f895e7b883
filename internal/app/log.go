package app

import (
	"dean06/internal/platform/audit/auditweb"
	"dean06/internal/readiness"
)

// auditActions are what the log may hold, in the order in which it is chosen.
var auditActions = []string{
	"session.sign_in", "session.sign_in_failed", "session.end", "session.end_others", "account.create", "account.update", "account.change_password",
	"account.reset_password", "account.totp_on", "account.totp_off", "token.create", "token.revoke", "readiness.edit_draft", "readiness.submit_return",
	"readiness.withdraw_return", "readiness.import_return", "readiness.resolve_reading", "readiness.send_back", "readiness.accept_return",
	"readiness.reopen_return", "readiness.read_contact", "readiness.manage_campaign", "readiness.remind", "org.created", "org.renamed", "org.moved",
	"org.merged", "org.split", "org.abolished",
}

// log is the pages of the audit log.
func (s *Site) log() *auditweb.Pages {
	p := &auditweb.Pages{DB: s.node.DB, Frame: s.frame}
	for _, role := range readiness.Roles {
		if readiness.Can(readiness.Actor{Account: "role", Roles: []readiness.Role{role}}, readiness.ReadAudit, "") == nil {
			p.Readers = append(p.Readers, string(role))
		}
	}
	for _, code := range auditActions {
		p.Actions = append(p.Actions, auditweb.Action{Code: code, Key: "app.audit." + code})
	}
	return p
}
