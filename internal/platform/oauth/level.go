package oauth

// ACR writes how surely somebody was identified and signed in, as the national portal's
// contract does: "LoA1", "LoA2"; "" for another level.
func ACR(level int) string {
	switch level {
	case 1:
		return "LoA1"
	case 2:
		return "LoA2"
	}
	return ""
}

// LevelOf reads what ACR writes; 0 for what it does not.
func LevelOf(acr string) int {
	for _, level := range []int{1, 2} {
		if acr == ACR(level) {
			return level
		}
	}
	return 0
}
