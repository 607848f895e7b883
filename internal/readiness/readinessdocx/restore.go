package readinessdocx

func (p *paper) restore([]byte) {}
