// Package mailaddress reads e-mail addresses as people type them. It is a leaf, for rules that
// send nothing.
package mailaddress

import (
	"net/mail"
	"regexp"
	"strings"

	"dean06/internal/platform/fault"
)

// A label of a host name; the local part is what mail servers in use accept.
var (
	hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	localPart = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*$`)
)

const longestAddress = 254 // RFC 5321, 4.5.3.1.3 with its erratum 1690

// Parse checks an address as people type it into a form: one mailbox,
// without a name, at a host with a dot. It fails with Invalid.
func Parse(s string) (string, error) {
	bad := fault.New(fault.Invalid, "mail.address.wrong", fault.Args{"address": s})
	local, host, ok := strings.Cut(strings.TrimSpace(s), "@")
	host = strings.ToLower(host)
	if !ok || len(local) > 64 || len(local)+1+len(host) > longestAddress || !localPart.MatchString(local) {
		return "", bad
	}
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if !hostLabel.MatchString(l) {
			return "", bad
		}
	}
	if last := labels[len(labels)-1]; len(labels) < 2 || len(last) < 2 || strings.Trim(last, "0123456789") == "" {
		return "", bad
	}
	a, err := mail.ParseAddress(local + "@" + host)
	if err != nil || a.Name != "" {
		return "", bad
	}
	return a.Address, nil
}
