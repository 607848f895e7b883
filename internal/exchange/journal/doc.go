// Package journal is where a gateway writes its message log first: files that only
// grow, flushed once for all calls that wait. From there the records go to the table.
// A file is kept for a while after that, so that a database that went back gets again
// what it had acknowledged.
//
// A file is named by the number of its first record and begins with a line, then come
// frames, and then, while it is written, zeros:
//
//	magic    4 bytes  "dj06"
//	length   4 bytes  of what follows the head, little-endian as all numbers here
//	CRC-32C  4 bytes  of all but magic, length and itself
//	safe     8 bytes  so much of this file was known to be on the disk when the frame was written
//	payload           the first frame's is where the log stood; of others an Entry
//
// A frame that does not hold is the end of the file when nothing later in the file shows
// that it was on the disk once (the power was cut while it was written; nobody was told
// that it is safe). Otherwise the file was damaged, and reading it fails.
package journal
