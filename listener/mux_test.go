package listener_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/cimwatch/cimwatch/cim"
	"github.com/cimwatch/cimwatch/listener"
)

func TestMux(t *testing.T) {
	var called []string
	named := func(name string, err error) listener.HandlerFunc {
		return func(context.Context, *listener.Indication) error {
			called = append(called, name)
			return err
		}
	}
	broken := errors.New("broken")
	var m listener.Mux
	deliver := func(class string) error {
		called = nil
		return m.HandleIndication(t.Context(), &listener.Indication{Instance: cim.NewInstance(class)})
	}
	if err := deliver("CIM_Alert"); err != nil || called != nil {
		t.Errorf("an empty mux: %v, called %v", err, called)
	}
	m.Handle("CIM_Alert", named("first", nil))
	m.HandleFunc("cim_ALERT", named("second", broken))
	m.Handle("CIM_Alert", named("third", nil))
	m.Handle("CIM_InstCreation", named("creation", nil))
	for _, test := range []struct {
		class string
		want  []string
		err   error
	}{
		{"CIM_ALERT", []string{"first", "second"}, broken},
		{"CIM_InstCreation", []string{"creation"}, nil},
		{"CIM_Other", nil, nil},
	} {
		if err := deliver(test.class); !errors.Is(err, test.err) || !slices.Equal(called, test.want) {
			t.Errorf("%s: %v, called %v, want %v, %v", test.class, err, called, test.err, test.want)
		}
	}
	m.Handle("", named("other", nil))
	if err := deliver("CIM_Other"); err != nil || !slices.Equal(called, []string{"other"}) {
		t.Errorf("class without a handler: %v, called %v", err, called)
	}
	if err := deliver("CIM_InstCreation"); err != nil || !slices.Equal(called, []string{"creation"}) {
		t.Errorf("class with a handler: %v, called %v", err, called)
	}
}

// TestMuxOverTheWire registers while indications come in.
func TestMuxOverTheWire(t *testing.T) {
	m := &listener.Mux{}
	k := &keeper{}
	_, addr := start(t, m, nil)
	registered := make(chan struct{})
	go func() {
		defer close(registered)
		for range 100 {
			m.Handle("CIM_Other", k)
		}
		m.Handle("CIM_AlertIndication", k)
	}()
	c := dial(t, addr)
	for range 20 {
		c.send(t, post())
		c.receive(t, "POST")
	}
	<-registered
	k.take()
	c.send(t, post())
	if got := c.receive(t, "POST"); got.StatusCode != 200 || len(k.take()) != 1 {
		t.Errorf("status %d, or the handler was not called once", got.StatusCode)
	}
}
