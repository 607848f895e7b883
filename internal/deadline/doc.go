// Package deadline computes by when a dossier must be decided. It takes what was stored,
// when the dossier was received and from when until when its clock stood still, and
// computes the day with the calendar of today: no computed day is stored as truth. It
// keeps nothing, sends nothing and wakes nobody: the dossier's module does.
//
// # What is counted, and by which rule
//
//   - Reception. The day of reception is not counted (Bộ luật Dân sự 2015, Điều 147 khoản
//     2). What comes after 15:00, or after the office has closed, or on a day off counts as
//     received on the next working day (Nghị định 61/2018, Điều 18 khoản 2 và 3: it is
//     passed on at the beginning of that day). 15:00 exactly is not after 15:00. A rule may
//     say another hour, or that the day of reception is counted.
//   - hour is an hour of work. It begins at the moment of reception (Điều 147 khoản 1), or
//     when the office opens next.
//   - working_day ends when the office closes on the n-th day that works. A day of which
//     half is off is one working day: the law knows no half one.
//   - day is a day of the calendar. A last day that is off moves to the end of the next
//     working day (Điều 148 khoản 5).
//   - month ends on the day with the same number; where the month has none, on its last
//     day (Điều 148 khoản 3); then it moves as a day does.
//   - same_day: the result is due when the office closes on the day that the dossier counts
//     as received.
//
// # When the clock stands still
//
// A pause is kept as an interval. Its ends are drawn into working time, so that a pause in
// which nobody would have worked moves nothing. A pause moves an hour limit by its hours of
// work, a working_day limit by its share of working days, to the second: a pause of two
// days and an hour moves the end by two working days and an hour. In days of the calendar,
// a day is paused when its midnight is: a pause from Tuesday to Thursday is two days, one
// that ends on the day on which it began is none. While a pause is open there is no due
// moment, unless the limit had ended before.
//
// After a supplement the limit begins anew (Nghị định 61/2018, Điều 19 khoản 4), as if the
// dossier had been received when the supplement was complete, where the rule says so. One
// extension is possible, asked for at least one day before
// the due day, with the reason and an apology (Điều 19 khoản 9); it belongs to the limit
// in which it was asked for.
//
// # What is not known
//
// A year whose days off nobody has published is provisional, and so is each deadline that
// touches it. Days that stand in the calendar without a document are named (Unconfirmed).
package deadline
