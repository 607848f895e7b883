// Package upload takes files that people send: in pieces that go on after the line was
// lost, and looked at before anybody believes them. Here is what a file is and what is
// wrong with it, without HTTP and without SQL; the pieces and their table are
// uploadsql's, the protocol (tus 1.0.0) and the plain form uploadweb's.
//
// It knows no subject: to whom a file belongs is a text that the module gives (an
// account, a draft), and so is what the file is for ("draft 7, paper 3"). When a blob
// may go is the module's decision.
//
// How a module uses it, in four places:
//
//	// 1. Its node, when it is opened: the service is the node's.
//	mount := uploadweb.Mount{Service: b.Uploads, Path: "/dossiers/uploads", Log: b.Log,
//		Owner: func(r *http.Request) (string, error) { id, err := session.Check(r.Context()); return id.Account, err },
//		Allow: func(ctx context.Context, owner string, n upload.New) (upload.Policy, error) {
//			return box.PolicyOf(ctx, owner, n.For) // NotFound when this draft is not theirs
//		}}
//	module.Uploads = true
//	for _, h := range uploadweb.Handlers(mount, "signed in") { part.Handlers = append(part.Handlers, node.Handler(h)) }
//
//	// 2. Its page: the field of the form, with what the script needs. Without a script
//	// the file goes with the form (enctype="multipart/form-data").
//	@ui.Upload(ui.Field{Name: "paper", Label: …, Accept: policy.Accept(), Attrs: mount.Attrs(p, "draft 7/paper 3", policy)})
//
//	// 3. The handler of the form: both ways give the same files. What is wrong with one
//	// comes back as a fault at the field, with the file's name.
//	form, err := web.ReadForm(r)
//	files, err := uploadweb.Files(r.Context(), b.Uploads, owner, form, "paper", upload.New{For: "draft 7/paper 3", Policy: policy})
//	for _, f := range files { … f.SHA256, f.Size, f.Type, f.Name, f.Warnings … }
//
//	// 4. A look at what is under way or taken, as for another device.
//	list, err := b.Uploads.List(ctx, owner, "draft 7/paper 3")
//
// A file of type File is in the node's blob store, clean, under File.SHA256. Finish may be
// called again, after a crash too, and gives the same File until File's upload is
// forgotten (upload.keep). Refusals are fault.Errors whose keys begin with
// "upload.refused."; Unavailable means: not now (the virus scanner is away), nothing is lost.
//
// Metadata of pictures (where a photo was taken, the camera's serial number, the
// preview of what was cut off) is personal data that nobody asked for: JPEG and PNG are
// stored without it, picture data unchanged. File.Sent is the hash of what was sent.
package upload
