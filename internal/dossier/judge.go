package dossier

import (
	"time"
)

// Judgement is whether a dossier was on time, by the rule of Quyết định 766/QĐ-TTg.
type Judgement struct {
	Counts bool // it was promised a day, or it was refused one
	Late   bool
	End    time.Time // what was held against the day
	Why    string    // message key
}

// Judge says whether a dossier is on time. Its end is when it was decided (status 9, else
// 10, else 8 or 3); of one that waits for a supplement, when that was asked for; of any
// other that is open, now, or the end of the period. More than one supplement is late.
func Judge(h Head, asked, at time.Time) Judgement {
	if h.Promised.IsZero() {
		return Judgement{}
	}
	j := Judgement{Counts: true, End: at, Why: "dossier.judge.open"}
	switch {
	case !h.DoneAt.IsZero() && !h.DoneAt.After(at):
		j.End, j.Why = h.DoneAt, "dossier.judge.ended"
	case h.Status == Supplement && !asked.IsZero():
		j.End, j.Why = asked, "dossier.judge.supplement"
	}
	j.Late = j.End.After(h.Promised)
	if h.Supplements > 1 {
		j.Late, j.Why = true, "dossier.judge.twice"
	}
	return j
}

// Asked is when the last supplement was asked for; zero when none was.
func (d *Dossier) Asked() time.Time {
	if len(d.Supplements) == 0 {
		return time.Time{}
	}
	return d.Supplements[len(d.Supplements)-1].At
}

// Indicators are the flags of a dossier that the national portal counts, by its names.
type Indicators struct {
	Digitised  bool        `json:"HoSoCoThanhPhanSoHoa"`        // a paper was digitised
	Verified   bool        `json:"TaiKhoanDuocXacThucVoiVNeID"` // the account is one of VNeID: none is yet
	PaidOnline int         `json:"DuocThanhToanTrucTuyen"`      // 0 nothing to pay, 3 not paid online
	Databases  []Database  `json:"DSKetNoiCSDL"`                // that were asked
	Reused     bool        `json:"DuocTaiSuDung"`               // a paper was used again
	Repository bool        `json:"DuocLayTuKhoDMQG"`            // a paper came from the citizen's repository
	Result     bool        `json:"CoKetQuaDienTu"`              // an electronic result was issued
	Channel    int         `json:"KenhThucHien"`                // 1 desk, 2 online, 3 post
	Status     Status      `json:"TrangThaiHoSo"`               // 1 to 10
	Papers     []PaperFlag `json:"TaiLieuNop"`                  // each that was handed in
	Supplied   int         `json:"SoLanBoSung"`                 // how often something was asked for
}

// Database is a database that was asked.
type Database struct {
	Code string `json:"MaCSDL"`
}

// PaperFlag are the flags of one paper.
type PaperFlag struct {
	Requirement string `json:"MaThanhPhanHoSo"`
	Name        string `json:"TenTepDinhKem"`
	Removed     bool   `json:"IsDeleted"`
	Digitised   bool   `json:"DuocSoHoa"`
	Reused      bool   `json:"DuocTaiSuDung"`
	Repository  bool   `json:"DuocLayTuKhoDMQG"`
}

// Indicate gives the flags of a dossier. They follow from what was recorded, so that an
// indicator is a count.
func Indicate(d *Dossier) Indicators {
	in := Indicators{Status: d.Status, Supplied: len(d.Supplements), Channel: map[Channel]int{AtDesk: 1, Online: 2, ByPost: 3}[d.Channel]}
	asked := map[string]bool{}
	for _, a := range d.Answers {
		if a.Source == "register" {
			asked[PopulationDatabase] = true
		}
	}
	for _, p := range d.Papers {
		in.Papers = append(in.Papers, PaperFlag{
			Requirement: p.Requirement, Name: p.Name, Removed: p.Removed, Digitised: p.Digitised, Reused: p.Reused, Repository: p.Repository,
		})
		if p.Removed {
			continue
		}
		in.Digitised = in.Digitised || p.Digitised
		in.Reused = in.Reused || p.Reused
		in.Repository = in.Repository || p.Repository
		if p.How == ByRegister {
			asked[PopulationDatabase] = true
		}
	}
	if asked[PopulationDatabase] {
		in.Databases = []Database{{Code: PopulationDatabase}}
	}
	for _, f := range d.Fees {
		if f.Exempt == "" && (f.Amount > 0 || f.Unknown) {
			in.PaidOnline = 3
		}
	}
	for _, r := range d.Results {
		in.Result = in.Result || r.Kind == PaperResult && r.Stands()
	}
	return in
}

// PopulationDatabase is the code of the national population database.
const PopulationDatabase = "CSDLQGDC"
