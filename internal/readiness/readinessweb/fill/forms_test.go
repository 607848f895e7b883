package fill_test

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// formOf reads the form of a page as a browser would send it.
func formOf(t *testing.T, page string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	out := url.Values{}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			at := map[string]string{}
			for _, a := range n.Attr {
				at[a.Key] = a.Val
			}
			_, checked := at["checked"]
			switch {
			case n.Data == "input" && (at["type"] == "radio" || at["type"] == "checkbox") && !checked:
			case n.Data == "input" && at["name"] != "":
				out.Add(at["name"], at["value"])
			case n.Data == "textarea":
				out.Add(at["name"], text(n))
			case n.Data == "select":
				out.Add(at["name"], selected(n))
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return out
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	out := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		out += text(c)
	}
	return out
}

func selected(n *html.Node) string {
	first, seen := "", false
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		value := ""
		for _, a := range c.Attr {
			if a.Key == "value" {
				value = a.Val
			}
		}
		for _, a := range c.Attr {
			if a.Key == "selected" {
				return value
			}
		}
		if !seen {
			first, seen = value, true
		}
	}
	return first
}
