package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"

	"dean06/internal/exchange"
	"dean06/internal/xroad"
)

// A quota of persons counts those that a call is about. How many they are, the request
// tells beforehand and the answer afterwards; the larger counts. A service that knows
// better says it in xroad.HeaderPersons: what one of this process says stands in place
// of what its answer shows, what any other says can only raise the count.

func countsPersons(r exchange.Right) bool { return r.Quota.Of == exchange.OfPersons }

// askedAbout is how many persons a request names, as far as its body shows.
func (g *Gateway) askedAbout(req *request) int64 { return max(1, personsOf(req.body)) }

// remainder is what a call used of its right beyond what was taken beforehand; nil for nothing.
func (g *Gateway) remainder(r exchange.Ruling, told *reply) *exchange.Use {
	if r.Window.IsZero() || !countsPersons(r.Right) {
		return nil
	}
	n := told.persons
	if !told.own || n == 0 {
		n = max(n, personsOf(told.body))
	}
	more := n - r.Taken
	if more <= 0 {
		return nil
	}
	g.quotas.add(r, more)
	return &exchange.Use{RightID: r.Right.ID, Window: r.Window, Calls: more}
}

// personsIn is what a service says; 0 when it says nothing that can be read.
func personsIn(h http.Header) int64 {
	word, ok := one(h, xroad.HeaderPersons)
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// personsOf counts the persons of a body: the longest list in it, when it is JSON.
func personsOf(body *spool) int64 {
	r := body.open()
	defer r.Close()
	return longestList(r)
}

// mostNested bounds how deep a list is looked for.
const mostNested = 8

// longestList is the length of the longest list of a JSON document whose elements are
// objects, or look like personal numbers; 0 of what is no JSON. What follows a fault in
// the document does not count, as no service reads it either.
func longestList(r io.Reader) int64 {
	first := make([]byte, 1, 512)
	for {
		if _, err := io.ReadFull(r, first); err != nil {
			return 0
		}
		if !bytes.ContainsAny(first, " \t\r\n") {
			break
		}
	}
	if first[0] != '{' && first[0] != '[' {
		return 0
	}
	d := json.NewDecoder(io.MultiReader(bytes.NewReader(first), r))
	d.UseNumber()
	var longest int64
	var open []int64 // the lists and objects around: how many elements so far; -1 is an object
	element := func(counts bool) {
		if n := len(open) - 1; n >= 0 && open[n] >= 0 && counts {
			open[n]++
			longest = max(longest, open[n])
		}
	}
	for {
		t, err := d.Token()
		if err != nil {
			return longest
		}
		switch v := t.(type) {
		case json.Delim:
			switch v {
			case '{', '[':
				element(v == '{')
				if len(open) >= mostNested {
					return longest
				}
				open = append(open, 0)
				if v == '{' {
					open[len(open)-1] = -1
				}
			default:
				open = open[:len(open)-1]
			}
		case string:
			element(likeNumber(v))
		case json.Number:
			element(likeNumber(v.String()))
		}
		if len(open) == 0 {
			return longest
		}
	}
}

// likeNumber says that a word has the form of a personal number, of twelve digits or of
// the old nine.
func likeNumber(s string) bool {
	if len(s) != 12 && len(s) != 9 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
