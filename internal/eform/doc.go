// Package eform is an electronic form as data: what is asked, of whom, under which
// conditions, what an answer may be, and where an answer came from.
//
// One form serves the citizen (one question a page) and the officer (sections on one
// page). The package knows neither procedures nor the register nor pages: a package of a
// procedure holds a Form, what the register knows is handed in as Known, and eformweb
// draws it. Everything that the law needs is checked here, on the server (Check); what a
// browser checks is help.
package eform
