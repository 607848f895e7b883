package population

// Store keeps the register. populationsql keeps it in a database.
type Store interface{}
