package simulator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/cimxml"
	"github.com/cimwatch/cimwatch/simulator"
)

// clock is a time that passes when a test says so.
type clock struct{ seconds atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(1_800_000_000+c.seconds.Load(), 0) }

func (c *clock) pass(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

// piece is what an Open or Pull operation gives, whatever its objects are.
type piece struct {
	names []string
	place cimxml.Enumeration
	err   error
}

func ofInstances(list []*cim.Instance, e cimxml.Enumeration, err error) piece {
	return piece{namesOf(pathsOf(list)), e, err}
}

func ofPaths(list []cim.ObjectPath, e cimxml.Enumeration, err error) piece {
	return piece{namesOf(list), e, err}
}

// rows are the instances of a query's result, which come without paths.
func rows(list []*cim.Instance, e cimxml.Enumeration, err error) piece {
	p := piece{place: e, err: err}
	for _, i := range list {
		p.names = append(p.names, i.Text("Name"))
	}
	return p
}

// pulling is one of the Open operations with the Pull operation that goes with it.
type pulling struct {
	name string
	open func(context.Context, *cimxml.Client, *cimxml.OpenOptions) piece
	pull func(context.Context, *cimxml.Client, cimxml.Enumeration, uint32) piece
	want []string // the objects in order
}

func pullings() []pulling {
	withPath := func(ctx context.Context, c *cimxml.Client, e cimxml.Enumeration, most uint32) piece {
		return ofInstances(c.PullInstancesWithPath(ctx, e, most))
	}
	onlyPaths := func(ctx context.Context, c *cimxml.Client, e cimxml.Enumeration, most uint32) piece {
		return ofPaths(c.PullInstancePaths(ctx, e, most))
	}
	box := thing("LAB_Box", "box")
	all := []string{"box", "crate", "ball", `a "quoted\" name`}
	return []pulling{
		{"OpenEnumerateInstances", func(ctx context.Context, c *cimxml.Client, o *cimxml.OpenOptions) piece {
			return ofInstances(c.OpenEnumerateInstances(ctx, cimv2, "LAB_Thing", o))
		}, withPath, all},
		{"OpenEnumerateInstancePaths", func(ctx context.Context, c *cimxml.Client, o *cimxml.OpenOptions) piece {
			return ofPaths(c.OpenEnumerateInstancePaths(ctx, cimv2, "LAB_Thing", o))
		}, onlyPaths, all},
		{"OpenAssociatorInstances", func(ctx context.Context, c *cimxml.Client, o *cimxml.OpenOptions) piece {
			return ofInstances(c.OpenAssociatorInstances(ctx, box, o))
		}, withPath, []string{"ball", "crate"}},
		{"OpenAssociatorInstancePaths", func(ctx context.Context, c *cimxml.Client, o *cimxml.OpenOptions) piece {
			return ofPaths(c.OpenAssociatorInstancePaths(ctx, box, o))
		}, onlyPaths, []string{"ball", "crate"}},
		{"OpenReferenceInstances", func(ctx context.Context, c *cimxml.Client, o *cimxml.OpenOptions) piece {
			return ofInstances(c.OpenReferenceInstances(ctx, box, o))
		}, withPath, []string{"[box][ball]", "[crate][box]", "[ball][box]"}},
		{"OpenReferenceInstancePaths", func(ctx context.Context, c *cimxml.Client, o *cimxml.OpenOptions) piece {
			return ofPaths(c.OpenReferenceInstancePaths(ctx, box, o))
		}, onlyPaths, []string{"[box][ball]", "[crate][box]", "[ball][box]"}},
		{"OpenQueryInstances", func(ctx context.Context, c *cimxml.Client, o *cimxml.OpenOptions) piece {
			query := *o
			query.FilterLanguage, query.Filter = "WQL", "SELECT * FROM LAB_Thing"
			return rows(c.OpenQueryInstances(ctx, cimv2, &query))
		}, func(ctx context.Context, c *cimxml.Client, e cimxml.Enumeration, most uint32) piece {
			return rows(c.PullInstances(ctx, e, most))
		}, all},
	}
}

// Every Open operation gives its objects in pieces of any size, each object once.
func TestPull(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	for _, op := range pullings() {
		for size := range uint32(len(op.want) + 2) {
			t.Run(fmt.Sprintf("%s/%d", op.name, size), func(t *testing.T) {
				got := op.open(t.Context(), c, &cimxml.OpenOptions{MaxObjects: size})
				names := slices.Clone(got.names)
				for !got.place.End && got.err == nil {
					if len(got.names) != int(size) {
						t.Fatalf("%d objects before the end, want %d", len(got.names), size)
					}
					if size == 0 { // more than 0 have to be pulled to get on
						size = 1
					}
					got = op.pull(t.Context(), c, got.place, size)
					names = append(names, got.names...)
				}
				if diff := cmp.Diff(op.want, names); diff != "" || got.err != nil {
					t.Errorf("%v\n%s", got.err, diff)
				}
				wantStatus(t, op.pull(t.Context(), c, cimxml.Enumeration{Namespace: cimv2, Context: "1"}, 1).err, cim.StatusInvalidEnumerationContext)
			})
		}
	}
}

// Objects come with their full paths, and with the properties asked for.
func TestOpenReadOptions(t *testing.T) {
	_, c := startLab(t, &simulator.Options{HostName: "host7"})
	o := &cimxml.OpenOptions{MaxObjects: 10}
	o.Properties, o.IncludeClassOrigin = []string{"caption"}, true
	list, e, err := c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Box", o)
	if err != nil || len(list) != 2 || !e.End {
		t.Fatalf("%v, %+v, %v", list, e, err)
	}
	p := list[0].Properties
	if list[0].Path.Host != "host7" || list[0].Path.Namespace != cimv2 || len(p) != 1 || p[0].Name != "Caption" || p[0].ClassOrigin != "LAB_Root" {
		t.Errorf("%s %+v", list[0].Path, p)
	}
	shallow := &cimxml.OpenOptions{MaxObjects: 10}
	shallow.Shallow = true
	list, _, err = c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Root", shallow)
	if err != nil || len(list[0].Properties) != 1 {
		t.Errorf("shallow: %v, %v", list, err)
	}
	associated, _, err := c.OpenAssociatorInstances(t.Context(), thing("LAB_Box", "box"), o)
	if err != nil || len(associated) != 2 || len(associated[0].Properties) != 1 {
		t.Errorf("associated: %v, %v", associated, err)
	}
}

func TestOpenErrors(t *testing.T) {
	_, c := startLab(t, nil)
	for _, op := range pullings() {
		for _, test := range []struct {
			name    string
			options cimxml.OpenOptions
			want    cim.Status
		}{
			{"too long kept", cimxml.OpenOptions{Timeout: 91 * time.Second}, cim.StatusInvalidOperationTimeout},
			{"too many objects", cimxml.OpenOptions{MaxObjects: 10001}, cim.StatusInvalidParameter},
			{"continue on error", cimxml.OpenOptions{ContinueOnError: true}, cim.StatusContinuationNotSupported},
			{"longest and most", cimxml.OpenOptions{Timeout: 90 * time.Second, MaxObjects: 10000}, 0},
		} {
			t.Run(op.name+"/"+test.name, func(t *testing.T) {
				err := op.open(t.Context(), c, &test.options).err
				if test.want != 0 {
					wantStatus(t, err, test.want)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
	}
	_, _, err := c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Nope", nil)
	wantStatus(t, err, cim.StatusInvalidClass)
	_, _, err = c.OpenEnumerateInstancePaths(t.Context(), "root/nope", "LAB_Box", nil)
	wantStatus(t, err, cim.StatusInvalidNamespace)
	_, _, err = c.OpenAssociatorInstances(t.Context(), cim.ClassPath(cimv2, "LAB_Box"), nil)
	wantStatus(t, err, cim.StatusInvalidParameter)
}

// What the client of this module never sends.
func TestOpenParameters(t *testing.T) {
	s, _ := startLab(t, nil)
	value := func(name, text string) string {
		return `<IPARAMVALUE NAME="` + name + `"><VALUE>` + text + `</VALUE></IPARAMVALUE>`
	}
	const class = `<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="LAB_Box"/></IPARAMVALUE>`
	for _, test := range []struct{ name, method, params, want string }{
		{"for ever", "OpenEnumerateInstances", class + value("OperationTimeout", "0"), `<ERROR CODE="22"`},
		{"time-out is no number", "OpenEnumerateInstances", class + value("OperationTimeout", "x"), `<ERROR CODE="4"`},
		{"count is no number", "OpenEnumerateInstances", class + value("MaxObjectCount", "-1"), `<ERROR CODE="4"`},
		{"no class", "OpenEnumerateInstances", "", `<ERROR CODE="4"`},
		{"filter without language", "OpenEnumerateInstances", class + value("FilterQuery", "Size = 3"), `<ERROR CODE="4"`},
		{"language without filter", "OpenEnumerateInstances", class + value("FilterQueryLanguage", "DMTF:FQL"), `<ERROR CODE="4"`},
		{"no query", "OpenQueryInstances", value("FilterQueryLanguage", "WQL"), `<ERROR CODE="4"`},
		{"no query language", "OpenQueryInstances", value("FilterQuery", "SELECT * FROM LAB_Box"), `<ERROR CODE="4"`},
		{"no context", "PullInstancesWithPath", value("MaxObjectCount", "1"), `<ERROR CODE="21"`},
		{"no count", "PullInstancesWithPath", value("EnumerationContext", "1"), `<ERROR CODE="4"`},
		{"result class", "OpenQueryInstances", value("FilterQueryLanguage", "WQL") + value("FilterQuery", "SELECT Name FROM LAB_Box") +
			value("ReturnQueryResultClass", "TRUE"), `<PARAMVALUE NAME="QueryResultClass"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := strings.Replace(enumerateClassNames, `"EnumerateClassNames"`, `"`+test.method+`"`, 1)
			body = strings.Replace(body, "</LOCALNAMESPACEPATH>", "</LOCALNAMESPACEPATH>"+test.params, 1)
			if got := post(t, s, request("POST /cimom HTTP/1.1", "", body)); !strings.Contains(got.body, test.want) {
				t.Errorf("%s", got.body)
			}
		})
	}
}

func TestFilterQuery(t *testing.T) {
	_, c := startLab(t, nil)
	open := func(language, filter string) ([]*cim.Instance, error) {
		list, _, err := c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Thing",
			&cimxml.OpenOptions{FilterLanguage: language, Filter: filter, MaxObjects: 100})
		return list, err
	}
	for _, test := range []struct {
		filter string
		want   []string
	}{
		{"Size = 3", []string{"box"}},
		{"NOT Size = 3 AND Flag IS NULL", []string{"crate", `a "quoted\" name`}},
		{"Name LIKE 'b%' OR Name = 'crate'", []string{"box", "crate", "ball"}},
		{"Made >= '20260101000000.000000+000'", []string{"ball"}},
		{"Size > 1000", []string{}},
	} {
		list, err := open("DMTF:FQL", test.filter)
		if diff := cmp.Diff(test.want, namesOf(pathsOf(list))); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", test.filter, err, diff)
		}
	}
	_, err := open("DMTF:FQL", "Size >")
	wantStatus(t, err, cim.StatusInvalidQuery)
	_, err = open("WQL", "Size = 3")
	wantStatus(t, err, cim.StatusQueryLanguageNotSupported)

	// The instances at the ends of associations are of no common class.
	o := &cimxml.OpenOptions{FilterLanguage: "DMTF:FQL", Filter: "Caption = 'a box'", MaxObjects: 100}
	paths, _, err := c.OpenAssociatorInstancePaths(t.Context(), thing("LAB_Box", "box"), o)
	if diff := cmp.Diff([]string{"crate"}, ends(paths)); diff != "" || err != nil {
		t.Errorf("associators: %v\n%s", err, diff)
	}
	o.Filter = "Why LIKE 'r%'"
	paths, _, err = c.OpenReferenceInstancePaths(t.Context(), thing("LAB_Box", "box"), o)
	if diff := cmp.Diff([]string{"[ball][box]"}, ends(paths)); diff != "" || err != nil {
		t.Errorf("references: %v\n%s", err, diff)
	}
}

// opened opens an enumeration of four objects and pulls one.
func opened(t *testing.T, c *cimxml.Client, kept time.Duration) cimxml.Enumeration {
	t.Helper()
	list, e, err := c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Thing", &cimxml.OpenOptions{MaxObjects: 1, Timeout: kept})
	if err != nil || len(list) != 1 || e.End {
		t.Fatalf("opened with %v, %+v, %v", list, e, err)
	}
	return e
}

func TestEnumerationExpires(t *testing.T) {
	time := &clock{}
	_, c := startLab(t, &simulator.Options{Now: time.now})
	e := opened(t, c, 10e9)
	for range 2 { // every pull begins the time anew, even one of nothing
		time.pass(9e9)
		if _, _, err := c.PullInstancesWithPath(t.Context(), e, 0); err != nil {
			t.Fatal(err)
		}
	}
	time.pass(11e9)
	_, _, err := c.PullInstancesWithPath(t.Context(), e, 1)
	wantStatus(t, err, cim.StatusInvalidEnumerationContext)
	wantStatus(t, c.CloseEnumeration(t.Context(), e), cim.StatusInvalidEnumerationContext)

	_, links, err := c.OpenReferenceInstancePaths(t.Context(), thing("LAB_Box", "box"), nil)
	if n, ok, countErr := c.EnumerationCount(t.Context(), links); n != 3 || !ok || err != nil || countErr != nil {
		t.Errorf("%d, %v, %v, %v references", n, ok, err, countErr)
	}
	e = opened(t, c, 0)
	time.pass(29e9)
	if n, ok, err := c.EnumerationCount(t.Context(), e); n != 3 || !ok || err != nil {
		t.Errorf("%d, %v, %v are left", n, ok, err)
	}
	time.pass(2e9)
	_, _, err = c.EnumerationCount(t.Context(), e)
	wantStatus(t, err, cim.StatusInvalidEnumerationContext)
}

func TestCloseEnumeration(t *testing.T) {
	_, c := startLab(t, &simulator.Options{Strict: true})
	e := opened(t, c, 0)
	elsewhere := e
	elsewhere.Namespace = "root/lab"
	wantStatus(t, c.CloseEnumeration(t.Context(), elsewhere), cim.StatusInvalidEnumerationContext)
	if err := c.CloseEnumeration(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, c.CloseEnumeration(t.Context(), e), cim.StatusInvalidEnumerationContext)
	_, _, err := c.PullInstancesWithPath(t.Context(), e, 1)
	wantStatus(t, err, cim.StatusInvalidEnumerationContext)
}

// Pulling by the wrong operation closes the enumeration.
func TestWrongPull(t *testing.T) {
	_, c := startLab(t, nil)
	e := opened(t, c, 0)
	_, _, err := c.PullInstancePaths(t.Context(), e, 1)
	wantStatus(t, err, cim.StatusInvalidEnumerationContext)
	_, _, err = c.PullInstancesWithPath(t.Context(), e, 1)
	wantStatus(t, err, cim.StatusInvalidEnumerationContext)
}

func TestPullErrorsKeepEnumeration(t *testing.T) {
	_, c := startLab(t, nil)
	e := opened(t, c, 0)
	_, _, err := c.PullInstancesWithPath(t.Context(), e, 10001)
	wantStatus(t, err, cim.StatusInvalidParameter)
	list, e, err := c.PullInstancesWithPath(t.Context(), e, 10)
	if err != nil || len(list) != 3 || !e.End {
		t.Errorf("%v, %+v, %v", list, e, err)
	}
}

func TestTooManyEnumerations(t *testing.T) {
	time := &clock{}
	_, c := startLab(t, &simulator.Options{Now: time.now})
	for range 99 {
		opened(t, c, 90e9)
	}
	opened(t, c, 10e9)
	_, _, err := c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Thing", &cimxml.OpenOptions{MaxObjects: 1})
	wantStatus(t, err, cim.StatusServerLimitsExceeded)
	// One that ends at once takes no place, and one that is overdue leaves its own.
	if _, e, err := c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Thing", &cimxml.OpenOptions{MaxObjects: 4}); err != nil || !e.End {
		t.Errorf("%+v, %v", e, err)
	}
	time.pass(11e9)
	opened(t, c, 0)
}

// What changes between two pulls shows in the rest.
func TestPullSeesChanges(t *testing.T) {
	s, c := startLab(t, nil)
	e := opened(t, c, 0)
	if _, err := s.Delete(thing("LAB_Thing", "ball")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(cim.NewInstance("LAB_Crate", cim.Prop("Name", cim.String("late")))); err != nil {
		t.Fatal(err)
	}
	got := ofInstances(c.PullInstancesWithPath(t.Context(), e, 10))
	if diff := cmp.Diff([]string{"crate", `a "quoted\" name`, "late"}, got.names); diff != "" || got.err != nil {
		t.Errorf("%v\n%s", got.err, diff)
	}
}

// While the answer to a pull is on its way the enumeration is nobody else's.
func TestBusyEnumeration(t *testing.T) {
	s, c := startLab(t, nil)
	long := cim.String(strings.Repeat("x", 16<<10))
	for n := range 2000 {
		i := cim.NewInstance("LAB_Thing", cim.Prop("Name", cim.String(fmt.Sprint(n))), cim.Prop("Caption", long))
		if _, err := s.Create(i); err != nil {
			t.Fatal(err)
		}
	}
	_, e, err := c.OpenEnumerateInstances(t.Context(), cimv2, "LAB_Thing", nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := strings.Replace(enumerateClassNames, `"EnumerateClassNames"`, `"PullInstancesWithPath"`, 1)
	body = strings.Replace(body, "</LOCALNAMESPACEPATH>", `</LOCALNAMESPACEPATH><IPARAMVALUE NAME="EnumerationContext"><VALUE>`+e.Context+
		`</VALUE></IPARAMVALUE><IPARAMVALUE NAME="MaxObjectCount"><VALUE>1999</VALUE></IPARAMVALUE>`, 1)
	if _, err := io.WriteString(conn, request("POST /cimom HTTP/1.1", "Connection: close\r\n", body)); err != nil {
		t.Fatal(err)
	}
	var some [100]byte
	if _, err := io.ReadFull(conn, some[:]); err != nil { // 32 MB are on their way now
		t.Fatal(err)
	}
	wantStatus(t, c.CloseEnumeration(t.Context(), e), cim.StatusPullCannotBeAbandoned)
	_, _, err = c.PullInstancesWithPath(t.Context(), e, 1)
	wantStatus(t, err, cim.StatusInvalidEnumerationContext)
	_, _, err = c.EnumerationCount(t.Context(), e)
	wantStatus(t, err, cim.StatusInvalidEnumerationContext)
	rest, err := io.ReadAll(conn)
	if err != nil || !bytes.Contains(rest[len(rest)-1000:], []byte("</CIM>")) {
		t.Fatalf("%d bytes, %v", len(rest), err)
	}
	if n, _, err := c.EnumerationCount(t.Context(), e); n != 5 || err != nil {
		t.Errorf("%d left, %v", n, err)
	}
}

// The iterations of the client go through pull operations and close what they leave.
func TestIterate(t *testing.T) {
	_, c := startLab(t, nil)
	o := &cimxml.OpenOptions{MaxObjects: 2}
	list, err := collect(c.IterateInstances(t.Context(), cimv2, "LAB_Thing", o))
	if len(list) != 4 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
	list, err = collect(c.IterateQuery(t.Context(), cimv2, "DMTF:CQL", "SELECT Name FROM LAB_Thing", o))
	if len(list) != 4 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
	for range 101 { // more than can be open
		for _, err := range c.IterateInstancePaths(t.Context(), cimv2, "LAB_Thing", o) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
}
