// Package events carries what happened from the agency that knows it to the
// agencies that may hear of it: GovStack Information Mediator PubSub 2.0.0 for the
// systems of an agency, and behind it ordinary signed calls to one service at the
// centre, the Hub, which keeps the events in NATS JetStream.
//
// A room is a subsystem. It owns its event types, each with a JSON Schema, and it
// allows or refuses who asks to subscribe. An event goes to all subscribers of its
// type, or to one that it is addressed to, so that each may get only the fields
// that it may see. It arrives at least once; its id is the same each time. What
// cannot be delivered is not dropped: it becomes a dead letter of the subscription,
// kept, listed and replayed on request.
//
// On each node stand Local, which systems of the agency speak to, Publisher, which
// empties the outbox, and Pusher, which fetches for those that want to be called.
package events
