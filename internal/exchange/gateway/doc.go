// Package gateway is the running gateway of the data exchange. Local systems ask it
// as they would ask an X-Road security server (/r1/…); it signs, logs and sends what
// they ask to the gateway of the agency that answers, over mutual TLS, and there it
// verifies, decides, logs, calls the service, and signs what comes back.
//
// What is away degrades and does not stop: without the centre the configuration
// that is here counts for its days, without a time-stamping authority stamps are
// owed and paid later. Without a log that can be written nothing goes out.
//
// It keeps no tables (exchangesql does) and has no pages (exchangeweb does).
package gateway
