package population

// forget drops counts that are no longer right.
func (r *Register) forget() {
	r.counting.Lock()
	defer r.counting.Unlock()
	r.counted = Statistics{}
}
