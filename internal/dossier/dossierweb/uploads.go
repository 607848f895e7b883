package dossierweb

import "strings"

// UploadFor is what an upload for a paper of a draft is for.
func UploadFor(draft, paper string) string { return "draft " + draft + "/paper " + paper }

// DraftOf is the draft for which an upload is; "" when it is for something else.
func DraftOf(purpose string) string {
	rest, ok := strings.CutPrefix(purpose, "draft ")
	id, paper, cut := strings.Cut(rest, "/paper ")
	if !ok || !cut || paper == "" {
		return ""
	}
	return id
}
