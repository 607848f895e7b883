// Package sheet reads workbooks that strangers send and writes workbooks and
// CSV files that are safe to open. It knows the file formats and no subject.
//
// Reading is one pass over the archive's own XML with limits on everything that
// can grow; nothing outside the archive is followed and no formula is computed.
// Writing never lets a text become a formula: texts are stored as inline
// strings in cells formatted as text, and CSV cells get an apostrophe where
// spreadsheet programs would compute them. Large numbers of equal workbooks are
// cast from a Mould, which is made once with excelize.
package sheet
