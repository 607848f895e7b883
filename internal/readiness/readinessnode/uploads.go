package readinessnode

import (
	"context"
	"net/http"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/platform/node"
	"dean06/internal/platform/session"
	"dean06/internal/platform/upload"
	"dean06/internal/platform/upload/uploadweb"
	"dean06/internal/readiness"
)

// uploadPath is where files for returns are sent in pieces.
const uploadPath = "/return-uploads"

// uploads is where they are sent. They come for a return of one's own agency alone.
func (n *Node) uploads(b *node.Base) (uploadweb.Mount, []node.Handler) {
	mount := uploadweb.Mount{
		Service: b.Uploads, Path: uploadPath, Log: n.log(),
		Owner: func(r *http.Request) (string, error) {
			a := session.Actor(r)
			return a.Account, readiness.Can(a, readiness.EditDraft, a.Agency)
		},
		Allow: func(ctx context.Context, _ string, file upload.New) (upload.Policy, error) {
			campaign, agency, ok := readiness.UploadOf(file.For)
			if !ok {
				return upload.Policy{}, fault.New(fault.NotFound, "readiness.attachment.none", nil)
			}
			who := actor.From(ctx)
			if err := readiness.Can(who, readiness.EditDraft, agency); err != nil {
				return upload.Policy{}, err
			}
			_, err := n.register.Look(ctx, who, campaign, agency)
			return upload.Papers, err
		},
	}
	var handlers []node.Handler
	for _, h := range uploadweb.Handlers(mount, readiness.EditDraft.Name()) {
		handlers = append(handlers, node.Handler(h))
	}
	return mount, handlers
}
