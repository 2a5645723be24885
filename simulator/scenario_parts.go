package simulator

import (
	"context"
	"fmt"

	"github.com/cimwatch/cimwatch/cim"
)

// The parts of the built-in model that the steps of parts use.
const (
	swappedModule = "DIMM_B2"
	siblingModule = "DIMM_B1" // of the same make
	bios          = "System BIOS"
	oldBIOS       = "2.12.2"
	newBIOS       = "2.13.3"
)

func dimmRemoved(ctx context.Context, s *Server) error {
	module, err := find(s, "OMC_PhysicalMemory", "BankLabel", swappedModule)
	if err != nil {
		return err
	}
	for _, link := range s.links(&traversal{source: module.Path}) {
		if _, err := s.Delete(link.Path); err != nil {
			return fmt.Errorf("deleting %s: %w", link.Path, err)
		}
	}
	if _, err := s.Delete(module.Path); err != nil {
		return err
	}
	_, err = s.Fire(ctx, Deletion(module))
	return err
}

// dimmInserted makes a module after its sibling, with a serial number of its own, and
// associates it with what the sibling is associated with.
func dimmInserted(ctx context.Context, s *Server) error {
	sibling, err := find(s, "OMC_PhysicalMemory", "BankLabel", siblingModule)
	if err != nil {
		return err
	}
	module := sibling.Clone()
	for _, name := range []string{"ElementName", "Name", "BankLabel"} {
		module.Set(name, cim.String(swappedModule))
	}
	module.Set("Tag", cim.String("32.6"))
	module.Set("PositionInRow", cim.Uint32(2))
	module.Set("SerialNumber", cim.String(fmt.Sprintf("%08X", 0x4A07D3E1+s.lastIdentifier.Add(1))))
	created, err := s.Create(module)
	if err != nil {
		return err
	}
	for _, link := range s.links(&traversal{source: sibling.Path}) {
		if err := s.relink(link, sibling.Path, created.Path); err != nil {
			return err
		}
	}
	_, err = s.Fire(ctx, Creation(created))
	return err
}

// relink creates an association like link, with one end replaced.
func (s *Server) relink(link *cim.Instance, from, to cim.ObjectPath) error {
	other := link.Clone()
	for n := range other.Properties {
		p := &other.Properties[n]
		if path, ok := p.Value.Reference(); ok && path.Equal(from) {
			p.Value = cim.Reference(to)
		}
	}
	if _, err := s.Create(other); err != nil {
		return fmt.Errorf("creating an association of %s: %w", to, err)
	}
	return nil
}

func propertyChanged(ctx context.Context, s *Server) error {
	firmware, err := find(s, "OMC_SMASHFirmwareIdentity", "ElementName", bios)
	if err != nil {
		return err
	}
	version, numbers := newBIOS, []uint16{2, 13, 3}
	if firmware.Text("VersionString") == newBIOS {
		version, numbers = oldBIOS, []uint16{2, 12, 2}
	}
	properties := []cim.Property{text("VersionString", version)}
	for n, name := range []string{"MajorVersion", "MinorVersion", "RevisionNumber"} {
		properties = append(properties, cim.Prop(name, cim.Uint16(numbers[n])))
	}
	before, after, err := s.Update(firmware.Path, properties...)
	if err != nil {
		return err
	}
	_, err = s.Fire(ctx, Modification(before, after))
	return err
}
