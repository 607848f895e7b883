package population_test

import (
	"context"
	"io"
	"strings"
	"time"

	"dean06/internal/platform/actor"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

var administrator = actor.Actor{Account: "a-9", Name: "Hoàng Thị Quản Trị", Roles: []string{population.Administrator}}

type testClock struct{}

func (testClock) Now() time.Time { return time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC) }

// taking is a store into which everything can be loaded.
type taking struct{ population.Store }

func (t *taking) Loading(context.Context, actor.Actor, string, time.Time) (population.Loader, error) {
	return t, nil
}

func (*taking) Add(context.Context, []population.Person, []int) error                  { return nil }
func (*taking) Scratch() string                                                        { return "" }
func (*taking) Finish(context.Context, func(int, string, fault.Args), func(int)) error { return nil }

func (*taking) Empty() bool { return true }

func (*taking) Close(context.Context) error { return nil }

func reader(text string) io.Reader { return strings.NewReader(text) }

func faultOf(err error) *fault.Error { return fault.As(err) }
