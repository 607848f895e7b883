// Package exchange is the rules of the data exchange between agencies: who is a
// member, which gateway speaks for whom, what a right allows, what a message
// commits to, and what the centre's signed configuration says. One subsystem asks
// a service of another through two gateways; each message is signed by the gateway
// that sends it (RFC 9421) and leaves a commitment in a Merkle log (RFC 6962) on
// both sides.
//
// It decides; it neither listens nor stores. The running gateway is in
// exchange/gateway, the centre's remote face in exchange/exchangeapi, tables in
// exchange/exchangesql, pages in exchange/exchangeweb, events in exchange/events.
package exchange
