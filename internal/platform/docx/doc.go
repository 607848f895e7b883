// Package docx writes and reads Word documents (Office Open XML) as paragraphs
// and tables. It knows no subject: what a paragraph or a cell means is for its
// callers to say.
//
// Writing: New, then Paragraph, Table, Image, PageBreak and Section in the order
// of the document, then Bytes.
//
// Reading: Open gives the blocks of a document with merged cells resolved,
// content controls, ticked boxes and struck-out text marked, and refuses what is
// no Word document or larger than its limits. It keeps text only: it does not
// lay out pages, follows no relationship out of the file and runs nothing.
package docx
