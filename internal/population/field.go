package population

// Field names a fact about a person, as rights grant it and messages carry it.
type Field string

// The fields.
const (
	FieldNumber      Field = "number"
	FieldOldNumber   Field = "old_number"
	FieldName        Field = "name"
	FieldOtherNames  Field = "other_names"
	FieldBirth       Field = "birth"
	FieldSex         Field = "sex"
	FieldEthnicity   Field = "ethnicity"
	FieldReligion    Field = "religion"
	FieldNationality Field = "nationality"
	FieldBlood       Field = "blood"
	FieldMarital     Field = "marital"
	FieldBirthplace  Field = "birthplace"
	FieldOrigin      Field = "origin"
	FieldPermanent   Field = "permanent"
	FieldTemporary   Field = "temporary"
	FieldPresent     Field = "present"
	FieldHousehold   Field = "household" // its number, the person's relation to its head, and who the head is
	FieldMembers     Field = "members"   // the other members of the household
	FieldFather      Field = "father"
	FieldMother      Field = "mother"
	FieldSpouse      Field = "spouse"
	FieldGuardian    Field = "guardian"
	FieldCards       Field = "cards"
	FieldLife        Field = "life" // alive, dead or missing, and since when
)

// Fields lists all fields in the order in which answers carry them.
var Fields = []Field{
	FieldNumber, FieldOldNumber, FieldName, FieldOtherNames, FieldBirth, FieldSex, FieldEthnicity, FieldReligion,
	FieldNationality, FieldBlood, FieldMarital, FieldBirthplace, FieldOrigin, FieldPermanent, FieldTemporary,
	FieldPresent, FieldHousehold, FieldMembers, FieldFather, FieldMother, FieldSpouse, FieldGuardian, FieldCards, FieldLife,
}

// AllFields in a right grants every field.
const AllFields = "*"
