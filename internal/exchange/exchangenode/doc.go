// Package exchangenode brings the exchange to a node: the gateway, which every node
// has, and the centre, which the hub has. It decides nothing: rights and membership
// are decided in exchange, calls are made in exchange/gateway.
package exchangenode
