package app

import (
	"context"

	"dean06/internal/platform/fault"
	"dean06/internal/platform/i18n"
	"dean06/internal/readiness"
	"dean06/internal/readiness/readinessweb"
)

// Stored gives a version of a return as it is kept (0: the newest), with its
// number. It fails with NotFound when nothing was handed in.
func (n *Node) Stored(ctx context.Context, campaign, agency string, version int) (readiness.View, readiness.Return, int, error) {
	v, err := n.Register.Look(ctx, System, campaign, agency)
	if err != nil {
		return v, readiness.Return{}, 0, err
	}
	if version == 0 {
		version = len(v.Record.Versions)
	}
	if version < 1 || version > len(v.Record.Versions) {
		return v, readiness.Return{}, 0, fault.New(fault.NotFound, "readiness.return.not_found", fault.Args{"agency": v.Agency.Name, "campaign": campaign})
	}
	return v, v.Record.Versions[version-1].Return, version, nil
}

// ExportReturn makes the form of an agency, blank or with its newest version.
func (n *Node) ExportReturn(ctx context.Context, campaign, agency, format, lang string, blank bool) (readinessweb.File, error) {
	v, err := n.Register.Look(ctx, System, campaign, agency)
	if err != nil {
		return readinessweb.File{}, err
	}
	var ret *readiness.Return
	if !blank {
		_, newest, _, err := n.Stored(ctx, campaign, agency, 0)
		if err != nil {
			return readinessweb.File{}, err
		}
		ret = &newest
	}
	return n.Exports().Return(ctx, v, ret, format, lang)
}

// FigureName is how a figure of the campaign is called.
func (n *Node) FigureName(ctx context.Context, campaign, key, lang string) string {
	if key == readiness.AllFive {
		return n.Messages.In(i18n.Lang(lang)).T("cli.figures.all_five")
	}
	c, err := n.Store.Campaign(ctx, campaign)
	if err != nil {
		return key
	}
	t, err := n.Store.Template(ctx, c.Template)
	if err != nil {
		return key
	}
	component, _ := t.Component(key)
	return component.Short.In(lang)
}
