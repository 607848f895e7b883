package centre

import "dean06/internal/exchange"

// Actions lists the codes that the centre's acts have in the audit log.
var Actions = func() []string {
	list := []string{
		"ca.begin", "certificate.timestamp", "certificate.renew", "certificate.revoke", "token.make", "token.withdraw",
		"gateway.join", "gateway.alarm", "gateway.restore", "configuration.pass", "security.take", "application.receive", "application.approve", "application.refuse",
	}
	for _, k := range exchange.EntryKinds {
		for _, did := range []string{"enter", string(exchange.Active), string(exchange.Suspended), string(exchange.Withdrawn)} {
			list = append(list, string(k)+"."+did)
		}
	}
	for i := range list {
		list[i] = "exchange." + list[i]
	}
	return list
}()
