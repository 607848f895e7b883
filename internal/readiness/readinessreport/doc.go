// Package readinessreport writes what leaves the register on paper: the letters
// that ask and remind, the report to the Prime Minister in Word, PDF and Excel,
// and one return as the filled-in form.
//
// It prints what it is given. Figures, aggregates and lists are made by package
// readiness, and an Input carries all of them, so that the same Input gives the
// same report: nothing is counted here that is not counted there, and nothing
// is fetched. Each number is followed by the agencies behind it, and the report
// says as known on which day, as true on which day and in the units of which
// day it holds.
package readinessreport
