package sqlgen_test

import (
	"archive/zip"
	"flag"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/internal/pgtest"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/mof"
	"github.com/cimwatch/cimwatch/mof/sqlgen"
	"github.com/cimwatch/cimwatch/store"
	"github.com/cimwatch/cimwatch/store/postgres"
)

var update = flag.Bool("update", false, "rewrite testdata/lab.sql")

func lab(t testing.TB) *mof.Schema {
	t.Helper()
	s, err := mof.CompileFS(os.DirFS("testdata"), []string{"lab.mof"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGenerate compares with the statements that are checked in.
func TestGenerate(t *testing.T) {
	got, err := sqlgen.Generate(lab(t), []string{"LAB_SpecialFan", "lab_near", "LAB_SPECIALFAN"})
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/lab.sql"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-checked in +generated:\n%s", diff)
	}
}

func TestGenerateErrors(t *testing.T) {
	for name, classes := range map[string][]string{"none": nil, "unknown": {"LAB_Fan", "LAB_None"}} {
		if got, err := sqlgen.Generate(lab(t), classes); err == nil {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// openDatabase returns an inventory in a database of its own, and the URL.
func openDatabase(t testing.TB) (*postgres.Inventory, string) {
	t.Helper()
	url := pgtest.New(t, pgtest.Options{}).URL("tester", "postgres")
	s, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, url
}

// component returns one of a class with properties.
func component(id, class string, properties ...cim.Property) inventory.Component {
	return inventory.Component{Host: "h", ID: id, Class: class, Kind: inventory.KindFan, Name: "Fan " + id, Properties: properties}
}

// TestViews asks the views for what components of the class and of one derived from it have:
// values of every type, and such as do not fit.
func TestViews(t *testing.T) {
	s, url := openDatabase(t)
	when, _ := cim.ParseDateTime("20261120075823.073983+060")
	part := cim.EmbeddedInstance(cim.NewInstance("LAB_Base", cim.Prop("Name", cim.String("part"))))
	full := component("1", "lab_FAN",
		cim.Prop("Name", cim.String("n")), cim.Prop("State", cim.Uint16(16)), cim.Prop("B", cim.Boolean(true)), cim.Prop("S", cim.String("it's \x00")),
		cim.Prop("C", cim.Char16('x')), cim.Prop("U8", cim.Uint8(255)), cim.Prop("U32", cim.Uint32(math.MaxUint32)), cim.Prop("U64", cim.Uint64(math.MaxUint64)),
		cim.Prop("S8", cim.Sint8(-128)), cim.Prop("S64", cim.Sint64(math.MinInt64)), cim.Prop("R32", cim.Real32(1.5)), cim.Prop("R64", cim.Real64(math.Inf(1))),
		cim.Prop("D", when.Value()), cim.Prop("BArray", cim.ArrayOf(cim.TypeBoolean, cim.Boolean(false))), cim.Prop("SArray", cim.Strings("a", "")),
		cim.Prop("U64Array", cim.ArrayOf(cim.TypeUint64, cim.Uint64(math.MaxUint64), cim.Null(cim.TypeUint64))),
		cim.Prop("S32Array", cim.ArrayOf(cim.TypeSint32, cim.Sint32(-1))), cim.Prop("R64Array", cim.ArrayOf(cim.TypeReal64, cim.Real64(.5))),
		cim.Prop("DArray", cim.ArrayOf(cim.TypeDateTime, when.Value())), cim.Prop("Part", part), cim.Prop("Parts", cim.ArrayOf(cim.TypeInstance, part)),
		cim.Prop("id", cim.String("i")), cim.Prop("select", cim.String("s")))
	misfit := component("2", "LAB_SpecialFan", cim.Prop("U8", cim.String("many")), cim.Prop("B", cim.Uint8(1)), cim.Prop("D", cim.String("soon")),
		cim.Prop("SArray", cim.String("a")), cim.Prop("U64Array", cim.Uint64(1)), cim.Prop("U32", cim.Real64(1e300)))
	near := component("4", "LAB_Near", cim.Prop("Here", cim.Reference(cim.InstancePath("root", "LAB_Base"))))
	other := component("3", "LAB_Base", cim.Prop("Name", cim.String("other")))
	err := s.Update(t.Context(), func(tx store.InventoryTx) error {
		_, err := tx.Apply("h", func(inventory.View) inventory.Delta {
			return inventory.Delta{Upserts: []inventory.Component{full, misfit, other, near}}
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	source, err := sqlgen.Generate(lab(t), lab(t).ClassNames())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // replaces them
		if err := postgres.Define(t.Context(), url, "", source); err != nil {
			t.Fatal(err)
		}
	}
	const long = "AVeryLongNameOfAPropertyThatGoesOnAndOnUntilNoDatabaseCanTakeIt"
	for query, want := range map[string]string{
		`SELECT string_agg(id, ',' ORDER BY id) FROM cimwatch_class."LAB_Base"`:                                                                         "1,2,3",
		`SELECT string_agg(id || class, ',' ORDER BY id) FROM cimwatch_class."LAB_Fan"`:                                                                 "1lab_FAN,2LAB_SpecialFan",
		`SELECT concat_ws('|', host, id, kind, name, health, "Name", "id_2", "select") FROM cimwatch_class."LAB_Fan" WHERE id = '1'`:                    "h|1|fan|Fan 1|unknown|n|i|s",
		`SELECT concat_ws('|', "B", "S", "C", "U8", "U32", "U64", "S8", "S64", "R32", "R64") FROM cimwatch_class."LAB_Fan" WHERE id = '1'`:              "t|it's ␀|x|255|4294967295|18446744073709551615|-128|-9223372036854775808|1.5|Infinity",
		`SELECT concat_ws('|', "D" AT TIME ZONE 'UTC', "D_interval") FROM cimwatch_class."LAB_Fan" WHERE id = '1'`:                                      "2026-11-20 06:58:23.073983",
		`SELECT concat_ws('|', "BArray", "SArray", "U64Array", "S32Array", "R64Array", "DArray") FROM cimwatch_class."LAB_Fan" WHERE id = '1'`:          `{f}|{a,""}|{18446744073709551615,NULL}|{-1}|{0.5}|{20261120075823.073983+060}`,
		`SELECT "Part" #>> '{properties,Name}' FROM cimwatch_class."LAB_Fan" WHERE id = '1'`:                                                            "part",
		`SELECT concat_ws('|', "U8", "B", "D", "D_interval", "SArray", "U64Array", "U32", "` + long + `") FROM cimwatch_class."LAB_Fan" WHERE id = '2'`: "",
		`SELECT "Here" FROM cimwatch_class."LAB_Near"`:                                                                                                  "root:LAB_Base=@",
		`SELECT string_agg(data_type, ',' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'LAB_Base'`:                     "text,text,text,text,text,text,text,bigint",
	} {
		if got := pgtest.Ask[string](t, url, query); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", query, got, want)
		}
	}
}

// TestDMTF makes views of all classes of the DMTF's schema that CIMWATCH_SCHEMA names.
func TestDMTF(t *testing.T) {
	archive := os.Getenv("CIMWATCH_SCHEMA")
	if archive == "" {
		archive = "../../../shared/schema/cim_schema_2.49.0Final-MOFs.zip"
	}
	r, err := zip.OpenReader(archive)
	if err != nil {
		t.Skip("no DMTF schema, set CIMWATCH_SCHEMA to its zip file: ", err)
	}
	defer r.Close()
	schema, err := mof.CompileFS(r, []string{rootFile(t, r)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	source, err := sqlgen.Generate(schema, schema.ClassNames())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := sqlgen.Generate(schema, schema.ClassNames()); again != source || err != nil {
		t.Errorf("not the same again, %v", err)
	}
	_, url := openDatabase(t)
	if err := postgres.Define(t.Context(), url, "", source); err != nil {
		t.Fatal(err)
	}
	if got := pgtest.Ask[string](t, url, `SELECT count(*)::text FROM information_schema.views WHERE table_schema = 'cimwatch_class'`); len(got) < 4 {
		t.Errorf("%s views of %d classes", got, len(schema.ClassNames()))
	}
}

// rootFile returns the file that includes all others.
func rootFile(t testing.TB, fsys fs.FS) string {
	t.Helper()
	files, err := fs.Glob(fsys, "cim_schema_*.mof")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema file, %v", err)
	}
	n := slices.IndexFunc(files, func(f string) bool { return !strings.Contains(f, "experimental") })
	return files[max(n, 0)]
}
