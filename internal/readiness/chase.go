package readiness

// ChaseStep is a reminder in the schedule of a campaign.
type ChaseStep struct {
	Days int  `json:"days"` // after the due day; negative: before it
	Name Text `json:"name"`
}
