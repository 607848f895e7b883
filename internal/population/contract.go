package population

import "time"

// What an agency keeps beside the contract that older systems speak
// (population/populationsoap): which systems may call, which officers may ask what,
// and a log of each call. The log holds no personal data of those asked about.

// ContractSystem is an older system that calls the contract.
type ContractSystem struct {
	User       string // of Basic authentication, or the AccessKey of a platform's token
	Secret     string
	Name       string   // as people call it
	Subsystem  string   // under which its questions go through the exchange, "VN/GOV/H55/TTHC"
	Codes      []string // integration codes (MaTichHop) given to it; none is any
	Procedures []string // procedures licensed to use the register; none leaves it to the register's right
	Off        bool
}

// ContractOfficer is an officer of the agency as older systems name them (MaCanBo).
type ContractOfficer struct {
	Code       string
	Name       string
	Office     string   // agency code, "H55.16"
	Operations []string // such as "TraCuuThongTinCongDan"; "*" is all
	KeyPass    string   // of the platform's variant (AuthHash); empty when they have none
	Off        bool
}

// ContractCall is a line of the log: a call, answered or refused.
type ContractCall struct {
	ID        string
	At        time.Time
	System    string // user
	Subsystem string
	Officer   string
	Office    string
	Operation string
	Code      string // MaTichHop
	Purpose   string // MaDVC
	Dossier   string
	Request   string // MaYeuCau
	RequestID string // of the exchange; empty when it went no further
	Outcome   string // "answered", "not_found", or why it was refused: "password", "004", "005", …
	Took      time.Duration
}

// ContractCount counts the calls of an officer or an office in a period.
type ContractCount struct {
	Office, Officer           string
	Calls, Answered, NotFound int
	Refused                   int
}

// ContractFilter narrows the log; what is empty does not.
type ContractFilter struct {
	Officer, Office, Outcome string
	From, Until              time.Time
}
