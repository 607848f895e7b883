package population

import "slices"

// take copies what a field stands for from one person to another.
func (p *Person) take(from *Person, f Field) {
	switch f {
	case FieldNumber:
		p.Number = from.Number
	case FieldOldNumber:
		p.OldNumbers = from.OldNumbers
	case FieldName:
		p.Name = from.Name
	case FieldOtherNames:
		p.OtherNames = from.OtherNames
	case FieldBirth:
		p.Birth = from.Birth
	case FieldSex:
		p.Sex = from.Sex
	case FieldEthnicity:
		p.Ethnicity = from.Ethnicity
	case FieldReligion:
		p.Religion = from.Religion
	case FieldNationality:
		p.Nationality = from.Nationality
	case FieldBlood:
		p.Blood = from.Blood
	case FieldMarital:
		p.Marital = from.Marital
	case FieldBirthplace:
		p.Birthplace = from.Birthplace
	case FieldOrigin:
		p.Origin = from.Origin
	case FieldPermanent:
		p.Permanent, p.PermanentSince = from.Permanent, from.PermanentSince
	case FieldTemporary:
		p.Temporary, p.TemporarySince = from.Temporary, from.TemporarySince
	case FieldPresent:
		p.Present = from.Present
	case FieldHousehold:
		p.Household, p.Relation = from.Household, from.Relation
	case FieldFather:
		p.Father = from.Father
	case FieldMother:
		p.Mother = from.Mother
	case FieldSpouse:
		p.Spouse = from.Spouse
	case FieldGuardian:
		p.Guardian = from.Guardian
	case FieldCards:
		p.Cards = from.Cards
	case FieldLife:
		p.Life, p.Ended = from.Life, from.Ended
	}
}

// Only is a person of whom no more than some fields is known.
func (p Person) Only(fields []Field) Person {
	var out Person
	for _, f := range fields {
		out.take(&p, f)
	}
	return out
}

// stateFields are the fields of which a person's state consists.
var stateFields = slices.DeleteFunc(slices.Clone(Fields), func(f Field) bool { return f == FieldMembers })

// inOrder gives fields once each, in the order of Fields.
func inOrder(fields []Field) []Field {
	out := make([]Field, 0, len(fields))
	for _, f := range Fields {
		if slices.Contains(fields, f) {
			out = append(out, f)
		}
	}
	return out
}
