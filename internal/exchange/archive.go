package exchange

import "dean06/internal/platform/ledger"

// MessageChain names the log of messages among a node's logs.
const MessageChain = ledger.Messages
