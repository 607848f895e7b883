package cleaning

import (
	"regexp"
	"slices"
	"strings"

	"dean06/internal/citizen"
)

// What headings say, as people write them: with accents or without, in one word or several,
// in Vietnamese or English, shortened.

// headingWords are what headings say, folded. Of those that stand in a heading the longest
// counts; of two the first. Where it begins with "=", it is the whole heading.
var headingWords = [...]struct {
	words string
	kind  Kind
}{
	{"ngay cap|noi cap|ngay chich|ngay dang ky|ngay kham|ngay vao|ngay ra|ngay hieu luc|het han|ngay cap nhat|date of issue|issued|expires", Ignore},
	{"ngay tiem|noi tiem|co so tiem|diem tiem|tiem|mui|vac xin|vaccine|vaccination|so lo", Ignore}, //nolint:misspell // Vietnamese
	{"dien thoai|so dien thoai|sdt|so dt|=dt|di dong", Ignore},
	{"phone|mobile|tel|email|thu dien tu", Ignore},
	{"ghi chu|note|nghe nghiep|dan toc|ton giao|quoc tich|so the|ma the|bhyt|bhxh|ma so thue|mst|tuoi|nhom tuoi|=age|ngay mat|ngay chet", Ignore},
	{"que quan|nguyen quan", Ignore},
	{"noi sinh|noi dang ky khai sinh|birthplace|place of birth", Birthplace},
	{"cccd|cmnd|cmt|cmtnd|can cuoc|dinh danh|ma dinh danh|so dinh danh|ddcn|=dd|so dd|giay to|national id|id number|identity|citizen id|personal number", Number},
	{"id no|id card|=number|=so|so cccd|so cmnd|chung minh|identitynumber|nationalid|citizenid", Number},
	{"nam thang ngay sinh|ngay thang nam sinh|ngay sinh|sinh ngay|ns|dob|date of birth|birth date|birthday|birth|ntns|=ngay thang nam|=sinh", Birth},
	{"nam sinh|sinh nam|birth year|year of birth|yob|=nam", Year},
	{"thang sinh|birth month|month of birth|=thang|=month", Month},
	{"day of birth|=ngay|=day", DayPart},
	{"=nu|=gioi tinh nu|=gioi nu|=nam sinh nu|=ngay sinh nu|=la nu|=female", FemaleMark},
	{"=gioi tinh nam|=gioi nam|=nam sinh nam|=ngay sinh nam|=la nam|=male", MaleMark},
	{"gioi tinh|phai|=gioi|=phai|sex|gender|nam nu|gt|=m f|=g t", Sex},
	{"ho va ten|ho ten|ten day du|ten nguoi|ho dem va ten|ho chu dem va ten|ho chu dem ten|full name|fullname|hovaten|ten khach hang|ten doi tuong", Name},
	{"ho ten khai sinh|ten cong dan|ten benh nhan|ten hoc sinh|ten hoc vien|ten sinh vien|ten hoi vien|ten nhan vien|ten nguoi benh|patient name", Name},
	{"person name|student name|ten can bo|ten nguoi dan|ten nguoi lao dong|ten chu the", Name},
	{"ho dem|ho va dem|ho va chu dem|ho chu dem|ho lot|ho va lot|ho va ten dem|ho va ten lot|ho ten dem|ho ten lot|ho va ten chu dem", Surname},
	{"ten dem|chu dem|ten lot|chu lot|=dem|=lot|middle name|=middle", Middle},
	{"ma tinh|tinh|thanh pho truc thuoc|province|tinh tp|tinh thanh pho|tinh thanh|=tp|=thanh pho|=ttp", Province},
	{"ma huyen|quan huyen|huyen|quan|ma quan|district|tp thi xa|thi xa|huyen quan", District},
	{"ma xa|xa phuong|phuong xa|xa|phuong|ma phuong|commune|ward|xa thi tran|=px|=phuong xa thi tran", Commune},
	{"dia chi|noi o|cho o|thuong tru|tam tru|cu tru|noi thuong tru|noi cu tru|ho khau|hktt|dctt|address|residence", Address},
	{"=ho|surname|last name|family name", Surname},
	{"=ten|given name|first name|=given|=firstname|=lastname", Given},
	{"=name|=names|=ten nguoi", Name},
	{"stt|so thu tu|=row|ma so|=id|record id|=tt|ma ho so|ma bn|=ma|thon|xom|to dan pho|=no", Ignore},
}

// othersWords are those of whom a heading may speak besides the person of the row.
var othersWords = []string{
	"nguoi tiem", //nolint:misspell // Vietnamese
	"chu ho", "nguoi giam ho", "giam ho", "nguoi lien he", "nguoi bao tin", "nguoi than", "nguoi nhap", "nguoi lap", "nguoi khai", "bac si", "cha me", "bo me",
	"me", "cha", "bo", "vo", "chong", "con", "ong", "father", "mother", "guardian", "spouse", "husband", "wife", "doctor", "contact",
}

var brackets = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`)

// withoutSigns writes spaces for the signs that people put between the words of headings.
func withoutSigns(h string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_/-–.,:;=*#()|&\n\r", r) {
			return ' '
		}
		return r
	}, h)
}

func outsideBrackets(h string) string { return strings.TrimSpace(brackets.ReplaceAllString(h, " ")) }

// byHeading is what a heading says; "" when it is not known. What stands in brackets explains,
// and what stands under another heading says it alone when it can.
func byHeading(heading string) Kind {
	top, sub, two := strings.Cut(heading, subSign)
	if two {
		if k := byHeading(sub); k != "" && !aboutOthers(top) {
			return k
		}
		return byHeading(top + " " + sub)
	}
	if out := outsideBrackets(heading); out != "" && out != heading {
		if k := byHeading(out); k != "" {
			return k
		}
	}
	h := foldedHeading(heading)
	if h == "" {
		return ""
	}
	if aboutOthers(h) {
		return Ignore
	}
	return said(h)
}

func foldedHeading(h string) string {
	return strings.Join(strings.Fields(citizen.Fold(withoutSigns(spaced(h)))), " ")
}

// said finds the longest of the known words in a folded heading.
func said(h string) Kind {
	padded, glued := " "+h+" ", strings.ReplaceAll(h, " ", "")
	best, longest := Kind(""), 0
	for _, w := range headingWords {
		for word := range strings.SplitSeq(w.words, "|") {
			word, whole := strings.CutPrefix(word, "=")
			if len(word) <= longest {
				continue
			}
			if h == word || glued == strings.ReplaceAll(word, " ", "") || !whole && strings.Contains(padded, " "+word+" ") {
				best, longest = w.kind, len(word)
			}
		}
	}
	return best
}

// aboutOthers says that a heading speaks of somebody else: the father, who gave the dose.
func aboutOthers(h string) bool { return otherIn(foldedHeading(h)) != "" }

func otherIn(h string) string {
	padded := strings.ReplaceAll(" "+h+" ", " can bo ", " ")
	for _, w := range othersWords {
		if strings.Contains(padded, " "+w+" ") && h != w {
			return w
		}
	}
	return ""
}

// withoutOther reads a heading as if it did not speak of somebody: in a list of heads of
// households "Họ tên chủ hộ" is the name.
func withoutOther(heading, other string) Kind {
	h := foldedHeading(outsideBrackets(heading))
	if otherIn(h) != other {
		return ""
	}
	return said(strings.Join(strings.Fields(strings.Replace(" "+h+" ", " "+other+" ", " ", 1)), " "))
}

// spaced parts words that are written together: "NgaySinh".
func spaced(h string) string {
	var b strings.Builder
	lower := false
	for _, r := range h {
		if lower && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		lower = r >= 'a' && r <= 'z'
		b.WriteRune(r)
	}
	return b.String()
}

// readHeadings says by its headings alone what the columns of a file hold.
func readHeadings(headings []string) []Kind {
	out := make([]Kind, len(headings))
	named := false
	for i, h := range headings {
		out[i] = byHeading(h)
		named = named || out[i] == Name || out[i] == Given || out[i] == Surname
	}
	if slices.Contains(out, FemaleMark) { // then "Nam" beside it is no year
		for i, h := range headings {
			_, sub, under := strings.Cut(h, subSign)
			if !under {
				sub = h
			}
			if out[i] == Year && foldedHeading(sub) == "nam" && !strings.ContainsAny(citizen.Spell(sub), "ăĂ") {
				out[i] = MaleMark
			}
		}
	}
	if named {
		return out
	}
	for _, h := range headings { // all is about somebody: then the list is of these
		other := otherIn(foldedHeading(outsideBrackets(h)))
		if other == "" || withoutOther(h, other) != Name {
			continue
		}
		for i, h := range headings {
			if k := withoutOther(h, other); k != "" {
				out[i] = k
			}
		}
		break
	}
	return out
}

// codeSaid reads how a heading explains the codes of a column: "(1: nam, 0: nữ)".
var codeSaid = regexp.MustCompile(`([012])\s*(?:la)?\s*(nam|nu|male|female)\b`)

// saysMonthFirst reads "(mm/dd/yyyy)".
var saysMonthFirst = regexp.MustCompile(`(?i)mm\s*[/\-.]\s*dd\s*[/\-.]\s*yy`)

// sexCodes says by the heading who a code stands for: women[0] of "0"; ok when it says so.
func sexCodes(heading string) (women [3]bool, ok bool) {
	for _, m := range codeSaid.FindAllStringSubmatch(citizen.Fold(withoutSigns(heading)), -1) {
		women[m[1][0]-'0'] = slices.Contains([]string{"nu", "female"}, m[2])
		ok = true
	}
	return women, ok
}
