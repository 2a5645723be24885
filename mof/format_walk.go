package mof

// The margins of the layout, that of the DMTF schema: qualifiers stand further in than what
// they qualify.
const (
	memberMargin    = 3
	listMargin      = 3 // of qualifiers, more than of what they qualify
	valueMargin     = 4 // of the values of qualifiers, more than of these
	parameterMargin = 6
)

// file writes everything. The parser has found no errors: every token is what the grammar
// asks for.
func (f *formatter) file() {
	for f.kind() != tokEOF {
		f.declaration()
	}
	f.finish()
}

func (f *formatter) declaration() {
	if f.kind() == '[' {
		f.qualifiers(0)
	}
	switch {
	case f.kind() == '#':
		f.pragma()
	case f.keyword() == keyQualifier:
		f.qualifierType()
	case f.keyword() == keyClass:
		f.class()
	default:
		f.instance()
	}
}

// puts writes so many tokens.
func (f *formatter) puts(n int, s spot) {
	for range n {
		f.put(s)
	}
}

// names writes all names that stand here.
func (f *formatter) names(s spot) {
	for f.kind() == tokName {
		f.put(s)
	}
}

func (f *formatter) pragma() {
	f.put(at(line, 0))               // #
	f.put(at(glue, memberMargin))    // pragma
	f.puts(2, at(space, listMargin)) // name (
	f.literal(at(glue, memberMargin))
	f.put(at(glue, memberMargin)) // )
}

// qualifiers writes a list of them for what stands at a margin, each on a line.
func (f *formatter) qualifiers(margin int) {
	f.put(spot{line, margin + listMargin, margin})
	next := at(glue, margin+listMargin+1)
	for f.kind() != ']' {
		f.put(next)
		f.qualifier(margin + listMargin + valueMargin)
		if f.kind() == ',' {
			f.put(at(glue, margin+listMargin+1))
		}
		next = at(line, margin+listMargin+1)
	}
	f.put(at(glue, margin+listMargin+1))
}

// qualifier writes what stands behind the name of one.
func (f *formatter) qualifier(margin int) {
	switch f.kind() {
	case '(':
		f.put(at(space, margin))
		f.literal(at(wrap, margin))
		f.put(at(wrap, margin))
	case '{':
		f.value(margin)
	}
	if f.kind() == ':' {
		f.put(at(space, margin))
		f.names(at(space, margin))
	}
}

// value writes a literal, or values in braces.
func (f *formatter) value(margin int) {
	if f.kind() != '{' {
		f.literal(at(wrap, margin))
		return
	}
	f.put(at(space, margin))
	for f.kind() != '}' {
		f.literal(at(wrap, margin))
		if f.kind() == ',' {
			f.put(at(glue, margin))
		}
	}
	f.put(at(wrap, margin))
}

// literal writes a constant; a string may have several pieces.
func (f *formatter) literal(s spot) {
	pieces := f.kind() == tokString
	f.put(s)
	for pieces && f.kind() == tokString {
		f.put(at(wrap, s.margin))
	}
}

func (f *formatter) brackets(margin int) {
	if f.kind() != '[' {
		return
	}
	for f.kind() != ']' {
		f.put(at(glue, margin))
	}
	f.put(at(glue, margin))
}

// initial writes the value that something is declared with, if there is one.
func (f *formatter) initial(margin int) {
	if f.kind() == '=' {
		f.put(at(space, margin))
		f.value(margin)
	}
}

func (f *formatter) qualifierType() {
	f.put(at(line, 0))
	f.puts(3, at(space, valueMargin)) // name : type
	f.brackets(valueMargin)
	f.initial(valueMargin)
	for f.kind() == ',' {
		f.put(at(glue, valueMargin))
		f.put(at(line, valueMargin)) // scope or flavor
		f.put(at(glue, valueMargin))
		for next := at(glue, 2*valueMargin); f.kind() != ')'; next = at(wrap, 2*valueMargin) {
			f.put(next)
			if f.kind() == ',' {
				f.put(at(glue, 2*valueMargin))
			}
		}
		f.put(at(glue, valueMargin))
	}
	f.put(at(glue, valueMargin)) // ;
}

// head writes a declaration up to its opening brace.
func (f *formatter) head() {
	f.put(at(line, 0))
	for f.kind() != '{' {
		f.put(at(space, memberMargin))
	}
	f.put(at(space, memberMargin))
}

// close writes the closing brace.
func (f *formatter) close(g gap) {
	f.put(spot{g, 0, memberMargin})
	f.put(at(glue, 0)) // ;
}

func (f *formatter) class() {
	f.head()
	if f.kind() == '}' {
		f.close(stmt)
		return
	}
	for f.kind() != '}' {
		f.member()
	}
	f.close(line)
}

func (f *formatter) member() {
	if f.kind() == '[' {
		f.qualifiers(memberMargin)
	}
	f.put(at(line, memberMargin))
	f.names(at(space, 2*memberMargin))
	if f.kind() == '(' {
		f.parameters()
	} else {
		f.brackets(2 * memberMargin)
		f.initial(2 * memberMargin)
	}
	f.put(at(glue, 2*memberMargin)) // ;
}

func (f *formatter) parameters() {
	f.put(at(glue, parameterMargin))
	for f.kind() != ')' {
		if f.kind() == '[' {
			f.qualifiers(parameterMargin)
		}
		f.put(at(line, parameterMargin))
		f.names(at(space, parameterMargin+memberMargin))
		f.brackets(parameterMargin)
		if f.kind() == ',' {
			f.put(at(glue, parameterMargin))
		}
	}
	f.put(at(glue, parameterMargin))
}

func (f *formatter) instance() {
	f.head()
	for f.kind() != '}' {
		if f.kind() == '[' {
			f.qualifiers(memberMargin)
		}
		f.put(at(stmt, memberMargin))
		f.initial(2 * memberMargin)
		f.put(at(glue, 2*memberMargin)) // ;
	}
	f.close(stmt)
}
