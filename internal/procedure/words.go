package procedure

import (
	"strings"

	"dean06/internal/platform/spelling"
)

// word is a word as it is searched: without accents and with y as i (ký and kí), and with
// its accents, the tone last (hóa and hoá). Of a word that was mended the form is "": which
// accents were meant is not known.
type word struct{ plain, form string }

// accented says that the word was written with accents.
func (w word) accented() bool { return w.form != "" && w.plain != w.form }

// wordsOf takes a text apart.
func wordsOf(text string) []word {
	var (
		out         []word
		plain, form strings.Builder
		tone        rune
	)
	flush := func() {
		if plain.Len() == 0 {
			return
		}
		if tone != 0 {
			form.WriteRune(tone)
		}
		out = append(out, word{plain.String(), form.String()})
		plain.Reset()
		form.Reset()
		tone = 0
	}
	for _, l := range spelling.Letters(text) {
		if l.First {
			flush()
		}
		p := l.Plain
		if p == 'y' {
			p = 'i'
		}
		plain.WriteRune(p)
		form.WriteRune(p)
		if l.Stroke {
			form.WriteByte('-')
		}
		for _, m := range l.Marks {
			form.WriteRune(m)
		}
		if l.Tone != 0 {
			tone = l.Tone
		}
	}
	flush()
	return out
}

// plainsOf are the words of a text without accents.
func plainsOf(text string) []string {
	ws := wordsOf(text)
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = w.plain
	}
	return out
}

// fillers are the words by which people ask and that say little of what they ask for.
// Which of them are in the name of a procedure decides only between equals.
const fillers = "tôi em anh chị mình con cháu ông bà bố cha ba má nhà muốn xin cần phải hỏi về thì là gì những như thế nào ở " +
	"đâu cho của và với để tại làm đi được không thủ tục hồ sơ cách hướng dẫn gồm bao nhiêu lâu tiền việc các một " +
	"người hay hoặc bị mới này do trên qua mạng online trực tuyến giấy tờ ạ à nhé giúp bạn nhiều trong đến từ theo " +
	"thực hiện trường hợp đối ra sao khi rồi nữa thôi vậy nha ai mấy ngày giờ bây thưa dạ chưa có đã đang sẽ thuộc " +
	"the of for to a an how my i do get in and apply application"

var fillerForms, fillerPlains = setsOf(fillers)

// setsOf are the words of a list with their accents, and without.
func setsOf(list string) (forms, plains map[string]bool) {
	forms, plains = map[string]bool{}, map[string]bool{}
	for _, w := range wordsOf(list) {
		forms[w.form], plains[w.plain] = true, true
	}
	return forms, plains
}

// actions are the words that say what is to be done with a paper: "đổi", "mất". They are in
// many names and still tell two procedures apart.
const actions = "đổi sửa mất sai lại xóa hủy tách hạn chuyển thay bỏ rút trả cải đính khóa mở lost renew change"

var actionForms, actionPlains = setsOf(actions)

// special are the circumstances for which there are procedures of their own: a text that
// does not name one does not mean them.
var special = [][]string{
	{"nuoc ngoai", "lanh su", "su quan", "viet kieu", "ngoai giao"},
	{"bien gioi"},
	{"luu dong"},
	{"quan doi", "quan su", "quan nhan", "quoc phong", "bo doi"},
	{"cong an", "canh sat"},
	{"lien thong"},
}

// specialOf are the circumstances that words name, one bit each.
func specialOf(ws []word) uint8 {
	bits := uint8(0)
	for i, phrases := range special {
		for _, phrase := range phrases {
			first, second, _ := strings.Cut(phrase, " ")
			for j := 1; j < len(ws); j++ {
				if ws[j-1].plain == first && ws[j].plain == second {
					bits |= 1 << i
				}
			}
		}
	}
	return bits
}
