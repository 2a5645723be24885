package simulator

import (
	"github.com/cimwatch/cimwatch/cim"
)

// Creation returns the CIM_InstCreation that tells of an instance, to be given to
// [Server.Fire]. The instance's path says where it comes from.
func Creation(i *cim.Instance) *cim.Instance { return lifecycle("CIM_InstCreation", i) }

// Deletion returns the CIM_InstDeletion that tells that an instance is gone.
func Deletion(i *cim.Instance) *cim.Instance { return lifecycle("CIM_InstDeletion", i) }

// Modification returns the CIM_InstModification that tells of an instance's change.
func Modification(before, after *cim.Instance) *cim.Instance {
	i := lifecycle("CIM_InstModification", after)
	i.Properties = append(i.Properties, embedded("PreviousInstance", before))
	return i
}

func lifecycle(class string, source *cim.Instance) *cim.Instance {
	i := cim.NewInstance(class,
		cim.Prop("SourceInstanceModelPath", cim.String(source.Path.Local().String())),
		embedded("SourceInstance", source))
	i.Path.Namespace = source.Path.Namespace
	return i
}

// embedded returns a property that holds an instance as the lifecycle classes declare
// it: any object (DSP0201 EmbeddedObject="object").
func embedded(name string, i *cim.Instance) cim.Property {
	p := cim.Prop(name, cim.EmbeddedInstance(i))
	p.Embedded = cim.EmbeddedAsObject
	return p
}
