package query_test

import (
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/query"
)

func ExampleParse() {
	q, err := query.Parse("WQL", `SELECT Description FROM CIM_AlertIndication WHERE PerceivedSeverity >= 3`)
	if err != nil {
		fmt.Println(err)
		return
	}
	alert := cim.NewInstance("CIM_AlertIndication",
		cim.Prop("Description", cim.String("fan failed")), cim.Prop("PerceivedSeverity", cim.Uint16(6)))
	if q.Match(alert, nil) {
		fmt.Println(q.Project(alert))
	}
	// Output: instance of CIM_AlertIndication {Description = fan failed}
}

func ExampleParse_error() {
	_, err := query.Parse("WQL", `SELECT * FROM WHERE PerceivedSeverity >= 3`)
	fmt.Println(err)
	// Output: invalid query (CIM status 15): offset 14: found "WHERE", expected a class name
}
