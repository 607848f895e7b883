// Package centre is the rules of the exchange's centre: the register of who takes
// part, tokens to join with, certificates, applications of gateways, the signed
// configuration that tells all of it to every gateway, and the heads of their logs
// that it was shown as a witness.
//
// What gateways and the centre share (entries, envelopes, configurations) is in the
// module's root. It neither listens nor stores: its remote face is in
// exchange/exchangeapi, its tables in centre/centresql, its pages in
// exchange/exchangeweb.
package centre
