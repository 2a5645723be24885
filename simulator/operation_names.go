package simulator

// operationNamed returns an operation, nil for one that is not supported.
func operationNamed(name string) operation {
	for _, group := range []func(string) operation{
		instanceOperation, classOperation, associationOperation, pullOperation, qualifierOperation,
	} {
		if op := group(name); op != nil {
			return op
		}
	}
	return nil
}

func instanceOperation(name string) operation {
	switch name {
	case "EnumerateInstanceNames":
		return (*Server).enumerateInstanceNames
	case "EnumerateInstances":
		return (*Server).enumerateInstances
	case "GetInstance":
		return (*Server).getInstance
	case "CreateInstance":
		return (*Server).createInstance
	case "ModifyInstance":
		return (*Server).modifyInstance
	case "DeleteInstance":
		return (*Server).deleteInstance
	case "GetProperty":
		return (*Server).getProperty
	case "SetProperty":
		return (*Server).setProperty
	case "ExecQuery":
		return (*Server).execQuery
	default:
		return nil
	}
}

func classOperation(name string) operation {
	switch name {
	case "EnumerateClassNames":
		return (*Server).enumerateClassNames
	case "EnumerateClasses":
		return (*Server).enumerateClasses
	case "GetClass":
		return (*Server).getClass
	case "CreateClass":
		return (*Server).createClass
	case "ModifyClass":
		return (*Server).modifyClass
	case "DeleteClass":
		return (*Server).deleteClass
	default:
		return nil
	}
}

func associationOperation(name string) operation {
	switch name {
	case "Associators":
		return (*Server).associators
	case "AssociatorNames":
		return (*Server).associatorNames
	case "References":
		return (*Server).references
	case "ReferenceNames":
		return (*Server).referenceNames
	default:
		return nil
	}
}

func pullOperation(name string) operation {
	switch name {
	case "OpenEnumerateInstances":
		return (*Server).openEnumerateInstances
	case "OpenEnumerateInstancePaths":
		return (*Server).openEnumerateInstancePaths
	case "OpenAssociatorInstances":
		return (*Server).openAssociatorInstances
	case "OpenAssociatorInstancePaths":
		return (*Server).openAssociatorInstancePaths
	case "OpenReferenceInstances":
		return (*Server).openReferenceInstances
	case "OpenReferenceInstancePaths":
		return (*Server).openReferenceInstancePaths
	case "OpenQueryInstances":
		return (*Server).openQueryInstances
	case "PullInstancesWithPath":
		return (*Server).pullInstancesWithPath
	case "PullInstancePaths":
		return (*Server).pullInstancePaths
	case "PullInstances":
		return (*Server).pullInstances
	case "CloseEnumeration":
		return (*Server).closeEnumeration
	case "EnumerationCount":
		return (*Server).enumerationCount
	default:
		return nil
	}
}

func qualifierOperation(name string) operation {
	switch name {
	case "EnumerateQualifiers":
		return (*Server).enumerateQualifiers
	case "GetQualifier":
		return (*Server).getQualifier
	case "SetQualifier":
		return (*Server).setQualifier
	case "DeleteQualifier":
		return (*Server).deleteQualifier
	default:
		return nil
	}
}
