// Package depspin pins modules while they are being built upon.
package depspin

import (
	_ "github.com/ThalesGroup/crypto11"
	_ "github.com/digitorus/timestamp"
	_ "github.com/nats-io/nats-server/v2/server"
	_ "github.com/nats-io/nats.go"
	_ "github.com/santhosh-tekuri/jsonschema/v6"
	_ "github.com/transparency-dev/merkle/compact"
	_ "go.yaml.in/yaml/v3"
)
