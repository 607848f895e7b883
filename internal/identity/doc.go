// Package identity is electronic identification: who has an electronic identity, how sure
// that is, by what its holder shows to be the holder, for whom they may act, and which
// service was told what (Nghị định 69/2024/NĐ-CP; Luật Căn cước 2023, Điều 30 to 33).
//
// An account belongs to a person of the register, a foreigner with a residence card, or an
// organisation. It has a level, which says how its holder was identified, and a session has
// one, which says how its holder signed in: what a service asks for is held against the
// lower of both. Facts are the register's: an account says of each on what it rests, since
// when.
//
// The provider of OpenID Connect is package provider; tables are in identitysql, pages in
// identityweb. This package knows neither HTTP nor SQL.
package identity
