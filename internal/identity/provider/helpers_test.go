package provider_test

import (
	"encoding/base64"

	"dean06/internal/platform/jobs"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func isPermanent(err error) bool { return jobs.IsPermanent(err) }
