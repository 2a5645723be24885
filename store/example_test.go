package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/event"
	"github.com/cimwatch/cimwatch/inventory"
	"github.com/cimwatch/cimwatch/store"
)

// A consumer follows the journal: it decodes what was received, brings the inventory up to
// date and moves its cursor, all in one transaction.
func ExampleStore_Update() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := followOnce(context.Background(), filepath.Join(dir, "cimwatch.db")); err != nil {
		fmt.Println(err)
	}
	// Output:
	// raised Chassis intrusion
	// cursor 1
}

func followOnce(ctx context.Context, path string) (err error) {
	s, err := store.Open(path, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, _, err := s.Append(ctx, store.Entry{Received: time.Now(), Host: "esx1", Raw: []byte("<CIM/>")}); err != nil {
		return err
	}
	for entry, err := range s.Read(ctx, 0) {
		if err != nil {
			return err
		}
		e := event.Normalise(entry.Host, entry.Received, decode(entry.Raw))
		e.Entry = entry.Number
		err = s.Update(ctx, func(tx *store.Tx) error {
			changes, err := tx.Apply(e.Host, func(v inventory.View) inventory.Delta { return inventory.Apply(v, e) })
			for _, c := range changes {
				if c.Kind == inventory.ConditionRaised {
					fmt.Println(c.Kind, c.New)
				}
			}
			return cmp.Or(err, tx.SetCursor("inventory", entry.Number))
		})
		if err != nil {
			return err
		}
	}
	cursor, err := s.Cursor(ctx, "inventory")
	fmt.Println("cursor", cursor)
	return err
}

// A program that prints what comes, by a name: each time it goes on where it was.
func ExampleStore_Cursor() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, bodies := range [][]string{{"<one/>", "<two/>"}, {"<three/>"}} {
		if err := printNew(context.Background(), filepath.Join(dir, "cimwatch.db"), bodies); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// 1 <one/>
	// 2 <two/>
	// 3 <three/>
}

func printNew(ctx context.Context, path string, bodies []string) (err error) {
	s, err := store.Open(path, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, body := range bodies {
		if _, _, err := s.Append(ctx, store.Entry{Received: time.Now(), Raw: []byte(body)}); err != nil {
			return err
		}
	}
	after, err := s.Cursor(ctx, "printer")
	if err != nil {
		return err
	}
	if err := s.Wait(ctx, after); err != nil { // there is something new
		return err
	}
	for entry, err := range s.Read(ctx, after) {
		if err != nil {
			return err
		}
		fmt.Println(entry.Number, string(entry.Raw))
		after = entry.Number
	}
	return s.Update(ctx, func(tx *store.Tx) error { return tx.SetCursor("printer", after) })
}

// decode stands for package cimxml.
func decode([]byte) *cim.Instance {
	return cim.NewInstance("OMC_IpmiAlertIndication", cim.Prop("Description", cim.String("Assert + Chassis intrusion")))
}
