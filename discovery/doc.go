// Package discovery works out which classes of a CIM server hold hardware and which of
// them are to be read, from what a survey of the server found. It asks nothing itself.
//
// The shortest useful program asks for the names below the roots and for the instances
// that there are, and then for what the plan says:
//
//	survey := discovery.NewSurvey("root/cimv2")
//	for _, root := range discovery.Roots() {
//		names, err := client.EnumerateClassNames(ctx, survey.Namespace, root, true)
//		...
//		survey.AddTree(root, names)
//		for path, err := range client.EnumerateInstanceNames(ctx, survey.Namespace, root) {
//			...
//			survey.AddInstances(path.Class, 1)
//		}
//	}
//	for _, r := range discovery.Plan(discovery.Wishes{}, survey) {
//		client.EnumerateInstances(ctx, r.Namespace, r.Class, nil)
//	}
//
// # What is hardware
//
// What derives from one of [Roots], by the class tree of the server itself, whatever its
// name is: devices, physical elements, systems, and the firmware and logs that belong to
// them. Associations, settings, capabilities, services and jobs do not; applications and
// administrative domains are systems that are no hardware and are left out. A server that
// knows none of the roots is asked for the classes of [inventory.Classes].
//
// # What is read
//
// Classes that have instances, as instance names tell, which say the class of each. A class
// without any costs no reading until the next survey. Of classes that derive from each
// other only the upper one is read, since the answer has the instances of both, so that
// none is read twice.
//
// Functions are pure, and a Survey is for one goroutine at a time.
package discovery
