package readinesssql

import "dean06/internal/readiness"

// Actions are what the register leaves in the audit log, in the order in which they are
// chosen there.
var Actions = []string{
	readiness.EditDraft.Name(), readiness.SubmitReturn.Name(), readiness.WithdrawReturn.Name(), readiness.ImportReturn.Name(),
	readiness.EnterReturn.Name(), readiness.ApproveReturn.Name(), readiness.SetApproval.Name(),
	readiness.ResolveReading.Name(), readiness.SendBackReturn.Name(), readiness.AcceptReturn.Name(), readiness.ReopenReturn.Name(),
	readiness.ReadContact.Name(), readiness.ManageCampaign.Name(), readiness.Remind.Name(),
}
