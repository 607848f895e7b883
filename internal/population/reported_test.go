package population_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"dean06/internal/citizen"
	"dean06/internal/platform/fault"
	"dean06/internal/population"
)

// TestReportedOnce: whatever is reported, in which order and how often, each event of a
// dossier is recorded once, and each report of it gets the same answer or a refusal that
// says what differs.
func TestReportedOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, m := village()
		type answer struct {
			event  string
			number citizen.Number
			name   string
		}
		had := map[string]answer{}
		for range rapid.IntRange(1, 12).Draw(t, "reports") {
			dossier := fmt.Sprint("H55-", rapid.IntRange(1, 3).Draw(t, "dossier"))
			item := rapid.IntRange(1, 2).Draw(t, "item")
			name := rapid.SampledFrom([]string{"Nguyễn Gia Bảo", "Nguyễn Gia Hân"}).Draw(t, "name")
			client := rapid.SampledFrom([]string{"VN/GOV/H55/TTHC", "VN/GOV/H55/MOTCUA"}).Draw(t, "client")
			in := population.Inquiry{
				By: population.ThroughExchange(client, "H55", "canbo.test"), Client: client, Dossier: dossier, Purpose: "1.001193", At: now,
				Granted: []field{population.AllFields},
			}
			p := population.Report{Item: item, Event: bornTo(wife, thu, name, "2026-11-01", citizen.Female), Keys: []population.ReportKey{
				{Field: "mother", Key: population.Key{Number: wife, Name: "Lê Thị Vợ"}},
				{Field: "father", Key: population.Key{Number: thu, Name: "NGUYENVANTHU"}},
			}}
			key := fmt.Sprint(client, dossier, item)
			before := len(m.events)
			done, err := r.Report(t.Context(), in, p)
			var open population.Questions
			if errors.As(err, &open) {
				p.Event.Answers = map[string]string{}
				for _, q := range open {
					p.Event.Answers[q.Code] = "Sinh đôi, đã xem giấy chứng sinh"
				}
				done, err = r.Report(t.Context(), in, p)
			}
			first, again := had[key]
			switch {
			case again && name != first.name:
				if fault.Of(err) != fault.Conflict || fault.As(err).Key != "population.report.differs" || fault.As(err).Args["members"] != "child.name" {
					t.Fatalf("another content: %v", err)
				}
			case err != nil:
				t.Fatal(err)
			case again && (done.Event.ID != first.event || done.Event.Number != first.number || !done.Again):
				t.Fatalf("again = %+v, first %+v", done.Event, first)
			case !again:
				had[key] = answer{done.Event.ID, done.Event.Number, name}
				before++
			}
			virtual := 0
			for _, e := range m.events {
				if e.Kind == population.Registration {
					virtual++
				}
			}
			if born := len(m.events) - virtual; born != len(had) || len(m.events) > before+virtual {
				t.Fatalf("%d births of %d reports", born, len(had))
			}
		}
	})
}

// TestReportedAndAnnulled: the dossier's answer says that it counts no longer.
func TestReportedAndAnnulled(t *testing.T) {
	t.Parallel()
	r, m := village()
	in := population.Inquiry{
		By: population.ThroughExchange("VN/GOV/H55/TTHC", "H55", "canbo.test"), Client: "VN/GOV/H55/TTHC", Dossier: "H55-1", Purpose: "1.001193",
		Granted: []field{"event.death"}, At: now,
	}
	p := population.Report{
		Event: event{Kind: population.Death, Number: boy, On: citizen.MustDay("2026-11-10"), Basis: "Giấy báo tử 3"},
		Keys:  []population.ReportKey{{Field: "person", Key: population.Key{Number: boy, Name: "Trần Văn Lớn"}}},
	}
	done, err := r.Report(t.Context(), in, p)
	if err != nil || done.Annulled || done.Again || done.Event.Reported.Dossier != "H55-1" {
		t.Fatalf("reported = %+v, %v", done, err)
	}
	if l := m.last(); l.Client != "VN/GOV/H55/TTHC" || l.Service != population.ServiceEvents || l.Outcome != population.Answered {
		t.Errorf("logged = %+v", l)
	}
	if _, err := annul(r, m, population.AnnulmentRequest{Number: boy, Events: []string{done.Event.ID}, Basis: "Quyết định thu hồi 5/2026"}); err != nil {
		t.Fatal(err)
	}
	again, err := r.Report(t.Context(), in, p)
	if err != nil || !again.Again || !again.Annulled {
		t.Errorf("again = %+v, %v", again, err)
	}
	list, err := r.ReportsOf(t.Context(), in, "H55-1")
	if err != nil || len(list) != 1 || !list[0].Annulled {
		t.Errorf("status = %+v, %v", list, err)
	}
	for _, other := range []population.Inquiry{
		{By: clerk, Dossier: "H55-1", Granted: in.Granted},
		{By: in.By, Client: in.Client, Dossier: "H55-1"},
		{By: in.By, Client: in.Client, Dossier: "H55-1", Granted: []field{"event.birth"}},
	} {
		if _, err := r.Report(t.Context(), other, p); fault.Of(err) != fault.Denied {
			t.Errorf("%+v: %v", other, err)
		}
	}
}
