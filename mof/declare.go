package mof

func (c *compiler) declare(d declaration, namespace *string) {
	switch d := d.(type) {
	case *qualifierDecl:
		c.declareQualifier(d)
	case *classDecl:
		d.namespace = *namespace
		c.declareClass(d)
	case *instanceDecl:
		d.namespace = *namespace
		c.declareInstance(d)
	case *pragma:
		switch d.name.sym.fold.keyword {
		case keyInclude:
			c.include(d, *namespace)
		case keyNamespace:
			c.namespace(d, namespace)
		default: // such as locale, which changes nothing (DSP0004 section 7.11)
			c.warnPragma(d)
		}
	}
}

func (c *compiler) declareQualifier(d *qualifierDecl) {
	if old := c.qualifiers[d.name.sym.fold]; old != nil {
		c.errors.conflictf(d.name.pos, old.decl.name.pos, "qualifier %s already defined", d.name)
		return
	}
	q := &qualifierType{decl: d}
	c.qualifiers[d.name.sym.fold] = q
	c.qualOrder = append(c.qualOrder, q)
}

func (c *compiler) declareClass(d *classDecl) {
	if old := c.classes[d.name.sym.fold]; old != nil {
		c.errors.conflictf(d.name.pos, old.decl.name.pos, "class %s already defined", d.name)
		return
	}
	cl := &class{decl: d}
	c.classes[d.name.sym.fold] = cl
	c.order = append(c.order, cl)
}

func (c *compiler) declareInstance(d *instanceDecl) {
	i := &instance{decl: d}
	c.instances = append(c.instances, i)
	if d.alias.sym == nil {
		return
	}
	if old := c.aliases[d.alias.sym.fold]; old != nil {
		c.errors.conflictf(d.alias.pos, old.decl.alias.pos, "alias $%s already defined", d.alias)
		return
	}
	c.aliases[d.alias.sym.fold] = i
}
