package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// anonymise puts url in the place of the servers that an OpenAPI description names,
// and takes out those of single paths. What is JSON stays JSON, what is YAML YAML,
// and everything else stands as its owner wrote it.
func anonymise(doc []byte, url string) (out []byte, kind string, err error) {
	if trimmed := bytes.TrimSpace(doc); len(trimmed) > 0 && trimmed[0] == '{' {
		var b bytes.Buffer
		d := json.NewDecoder(bytes.NewReader(trimmed))
		if err := rewrite(d, &b, url, 0); err != nil {
			return nil, "", fmt.Errorf("OpenAPI in JSON: %w", err)
		}
		return b.Bytes(), "application/json;charset=utf-8", nil
	}
	var node yaml.Node
	if err := yaml.Unmarshal(doc, &node); err != nil {
		return nil, "", fmt.Errorf("OpenAPI in YAML: %w", err)
	}
	if node.Kind != yaml.DocumentNode || len(node.Content) != 1 || node.Content[0].Kind != yaml.MappingNode {
		return nil, "", errNoObject
	}
	top := node.Content[0]
	dropServers(top, 0)
	var servers yaml.Node
	if err := servers.Encode([]map[string]string{{"url": url}}); err != nil {
		return nil, "", fmt.Errorf("OpenAPI in YAML: %w", err)
	}
	top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "servers"}, &servers)
	out, err = yaml.Marshal(&node)
	return out, "text/yaml;charset=utf-8", err
}

var errNoObject = errors.New("the description is not an object")

// inner are the depths below "paths" at which servers can be named.
const inner = 3

// own are the words by which a description names addresses.
func own(word string) bool {
	return word == "servers" || word == "host" || word == "schemes" || word == "basePath"
}

func dropServers(n *yaml.Node, depth int) {
	if n.Kind != yaml.MappingNode {
		return
	}
	kept := n.Content[:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if depth == 0 && own(name) || depth > 1 && name == "servers" {
			continue
		}
		if depth == 0 && name == "paths" || depth > 0 && depth < inner {
			dropServers(n.Content[i+1], depth+1)
		}
		kept = append(kept, n.Content[i], n.Content[i+1])
	}
	n.Content = kept
}

// rewrite copies an object in its order without servers; at the top it adds ours.
func rewrite(d *json.Decoder, out *bytes.Buffer, url string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errNoObject
	}
	sep := "{"
	if depth == 0 {
		ours, err := json.Marshal([]map[string]string{{"url": url}})
		if err != nil {
			return err
		}
		out.WriteString(`{"servers":`)
		out.Write(ours)
		sep = ","
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if depth == 0 && own(name) || depth > 1 && name == "servers" {
			continue
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return err
		}
		out.WriteString(sep)
		out.Write(quoted)
		out.WriteByte(':')
		sep = ","
		if object := len(value) > 0 && value[0] == '{'; object && (depth == 0 && name == "paths" || depth > 0 && depth < inner) {
			if err := rewrite(json.NewDecoder(bytes.NewReader(value)), out, url, depth+1); err != nil {
				return err
			}
			continue
		}
		out.Write(value)
	}
	if sep == "{" {
		out.WriteByte('{')
	}
	out.WriteByte('}')
	if _, err := d.Token(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
