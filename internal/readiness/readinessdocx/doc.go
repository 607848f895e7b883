// Package readinessdocx reads and writes returns as Word documents: the form
// that goes with a letter, in the ministry's own wording.
//
// Read takes documents as agencies really send them and keeps for every value
// what stood on the paper, where, and how sure the reading is. What is not sure
// becomes a problem for a person; what belongs to no field is kept as Extra.
// It stores nothing and does not know who the agency is: it gives the name that
// the paper's heading writes.
package readinessdocx
