// Package paper lays out official documents the way Nghị định 30/2020/NĐ-CP,
// phụ lục I, gives: the national heading, the issuing agency, number, place and
// date, the name of the document or its subject, addressees, body, the block of
// recipients and the signature, and appendices with page numbers of their own.
//
// A Document is written once and comes out twice: Word gives a document that an
// official can go on editing, PDF one that is signed and sent. Charts are drawn
// as vectors in the PDF and as pictures in Word.
//
//	doc := paper.Document{
//		Agency: "Bộ Thông tin và Truyền thông", Number: "488/BTTTT-CĐSQG",
//		Place: "Hà Nội", Date: day, Subject: "V/v đôn đốc triển khai …",
//		To:   []string{"Các Bộ, cơ quan ngang Bộ", "Ủy ban nhân dân các tỉnh"},
//		Body: []paper.Block{paper.Text("Căn cứ …")},
//	}
//	pdf, err := paper.PDF(p, doc)
//	word, err := paper.Word(p, doc)
//
// The package knows no subject and signs nothing.
package paper
