package pdf

import (
	"bufio"
	"fmt"
	"io"
)

// predicted undoes a predictor (ISO 32000-2, 7.4.4.4): PNG's five, and TIFF's for 8 bits.
func predicted(r io.Reader, parms Dict) (io.Reader, error) {
	number := func(key Name, otherwise int) int {
		if n, ok := parms[key].(Int); ok {
			return int(n)
		}
		return otherwise
	}
	kind := number("Predictor", 1)
	if kind <= 1 {
		return r, nil
	}
	colors, bits, columns := number("Colors", 1), number("BitsPerComponent", 8), number("Columns", 1)
	if colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return nil, fmt.Errorf("%w: predictor", ErrDamaged)
	}
	row := (colors*bits*columns + 7) / 8
	p := &predictor{r: bufio.NewReader(r), before: make([]byte, row), row: make([]byte, row), step: max(1, colors*bits/8)}
	switch {
	case kind >= 10:
	case kind == 2 && bits == 8:
		p.tiff = true
	default:
		return nil, fmt.Errorf("%w: predictor %d", ErrDamaged, kind)
	}
	return p, nil
}

type predictor struct {
	r           *bufio.Reader
	before, row []byte
	left        []byte
	step        int // bytes between a value and that of the pixel before
	tiff        bool
}

func (p *predictor) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		if err := p.line(); err != nil {
			return 0, err
		}
		p.left = p.before
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}

// line undoes the next row; it is then in before.
func (p *predictor) line() error {
	kind := byte(1)
	if !p.tiff {
		var err error
		if kind, err = p.r.ReadByte(); err != nil {
			return err
		}
	}
	// A last row that is cut short is filled with nothing.
	n, err := io.ReadFull(p.r, p.row)
	if n == 0 {
		return err
	}
	clear(p.row[n:])
	for i := range p.row {
		var a, b, c byte
		if i >= p.step {
			a = p.row[i-p.step]
		}
		if b = p.before[i]; i >= p.step {
			c = p.before[i-p.step]
		}
		switch kind {
		case 0:
		case 1:
			p.row[i] += a
		case 2:
			p.row[i] += b
		case 3:
			p.row[i] += byte((int(a) + int(b)) / 2)
		case 4:
			p.row[i] += paeth(a, b, c)
		default:
			return fmt.Errorf("%w: predictor of a row", ErrDamaged)
		}
	}
	p.before, p.row = p.row, p.before
	return nil
}

// paeth is the filter of PNG (ISO 15948, 9.4).
func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
