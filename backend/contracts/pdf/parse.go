package pdf

import (
	"fmt"
	"strconv"
)

// parser reads objects. nodes and text are what it may still take. twice says that some
// dictionary had a key twice: the first counts in some readers, the last in others, and here.
type parser struct {
	*scanner
	nodes, text int
	twice       bool
}

func newParser(s *scanner) *parser { return &parser{scanner: s, nodes: maxNodes, text: maxText} }

func (p *parser) damaged(what string) error {
	return fmt.Errorf("%w: %s at %d", ErrDamaged, what, p.pos)
}

// object reads the next value. A keyword that is no value is damage.
func (p *parser) object(depth int) (Object, error) {
	if p.nodes--; p.nodes < 0 || depth > maxDepth {
		return nil, ErrLimit
	}
	p.space()
	switch c := p.peek(); {
	case p.ended():
		return nil, p.damaged("end")
	case c == '/':
		return p.name()
	case c == '(':
		return p.literal()
	case c == '[':
		return p.array(depth)
	case c == '<':
		p.pos++
		if p.peek() == '<' {
			p.pos++
			return p.dict(depth)
		}
		return p.hex()
	case c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.':
		return p.number()
	}
	switch w := p.word(8); w {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	default:
		return nil, p.damaged(fmt.Sprintf("unknown word %q", w))
	}
}

func (p *parser) array(depth int) (Object, error) {
	p.pos++
	a := Array{}
	for {
		p.space()
		if p.ended() {
			return nil, p.damaged("array without end")
		}
		if p.peek() == ']' {
			p.pos++
			return a, nil
		}
		o, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		a = append(a, o)
	}
}

func (p *parser) dict(depth int) (Dict, error) {
	d := Dict{}
	for {
		p.space()
		if p.takes(">>") {
			return d, nil
		}
		if p.peek() != '/' {
			return nil, p.damaged("dictionary without end")
		}
		k, err := p.name()
		if err != nil {
			return nil, err
		}
		v, err := p.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, twice := d[k]; twice {
			p.twice = true
		}
		// A null is the same as none.
		if delete(d, k); v != nil {
			d[k] = v
		}
	}
}

func (p *parser) name() (Name, error) {
	p.pos++
	var n []byte
	for !p.ended() && isRegular(p.peek()) {
		c := p.next()
		if c == '#' {
			at := p.pos
			hi, ok1 := unhex(p.next())
			lo, ok2 := unhex(p.next())
			if ok1 && ok2 {
				c = hi<<4 | lo
			} else {
				p.pos = at // before PDF 1.2 it was a character like others
			}
		}
		if p.text--; p.text < 0 {
			return "", ErrLimit
		}
		n = append(n, c)
	}
	return Name(n), nil
}

func (p *parser) hex() (Object, error) {
	s, half, high := String{}, false, byte(0)
	for {
		if p.ended() {
			return nil, p.damaged("string without end")
		}
		c := p.next()
		if c == '>' {
			break
		}
		v, ok := unhex(c)
		if !ok {
			if isSpace(c) {
				continue
			}
			return nil, p.damaged("no hexadecimal digit")
		}
		if half = !half; half {
			high = v << 4
			continue
		}
		if p.text--; p.text < 0 {
			return nil, ErrLimit
		}
		s = append(s, high|v)
	}
	if half {
		s = append(s, high)
	}
	return s, nil
}

func (p *parser) literal() (Object, error) {
	p.pos++
	s := String{}
	for open := 1; ; {
		if p.ended() {
			return nil, p.damaged("string without end")
		}
		if p.text--; p.text < 0 {
			return nil, ErrLimit
		}
		c := p.next()
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return s, nil
			}
		case '\\':
			var none bool
			if c, none = p.escape(); none {
				continue
			}
		case '\r':
			if p.peek() == '\n' {
				p.pos++
			}
			c = '\n'
		}
		s = append(s, c)
	}
}

// escape reads what follows a backslash; none says that it stands for nothing.
func (p *parser) escape() (c byte, none bool) {
	switch c = p.next(); c {
	case 'n':
		return '\n', false
	case 'r':
		return '\r', false
	case 't':
		return '\t', false
	case 'b':
		return '\b', false
	case 'f':
		return '\f', false
	case '\n':
		return 0, true
	case '\r':
		if p.peek() == '\n' {
			p.pos++
		}
		return 0, true
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v := c - '0'
		for range 2 {
			if d := p.peek(); d >= '0' && d <= '7' {
				v = v<<3 | (d - '0')
				p.pos++
			}
		}
		return v, false
	}
	return c, false
}

// number reads an integer, a real, or a reference.
func (p *parser) number() (Object, error) {
	w := p.word(64)
	n, err := strconv.ParseInt(w, 10, 64)
	if err != nil {
		if _, err := strconv.ParseFloat(w, 64); err != nil || !plain(w) {
			return nil, p.damaged(fmt.Sprintf("no number %q", w))
		}
		return Real(w), nil
	}
	if n < 0 || n > maxObject || w[0] == '+' {
		return Int(n), nil
	}
	at := p.pos
	if gen, ok := p.reference(); ok {
		return Ref{uint32(n), gen}, nil
	}
	p.pos = at
	return Int(n), nil
}

func (p *parser) reference() (gen uint16, ok bool) {
	if !isSpace(p.peek()) {
		return 0, false
	}
	p.space()
	g, err := strconv.ParseUint(p.word(6), 10, 16)
	if err != nil || !isSpace(p.peek()) {
		return 0, false
	}
	p.space()
	if p.peek() != 'R' {
		return 0, false
	}
	p.pos++
	return uint16(g), p.ended() || !isRegular(p.peek())
}

// plain says whether a number has no exponent and no letters, as Go's would allow.
func plain(w string) bool {
	for i := range len(w) {
		if c := w[i]; c != '.' && c != '-' && c != '+' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func unhex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
