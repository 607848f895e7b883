// Package population is the rules of the population register: persons, the life
// events from which their state follows, the numbers given to the new-born, and what
// may be told about whom to whom. Every fact has two times, the day from which it is
// true and the moment at which it was recorded; a correction adds, it never erases.
// Every look-up is logged for the person whom it is about.
//
// It decides; it neither listens nor stores. Tables are in population/populationsql,
// the services behind the gateway in population/populationapi, pages in
// population/populationweb.
package population
