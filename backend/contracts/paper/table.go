package paper

import (
	"fmt"
	"slices"

	east "github.com/yuin/goldmark/extension/ast"
)

// cellPad is the room around a cell's text, in points.
const cellPad = 5.0

// table sets a table. One whose head is empty has no lines. A row stays on one page.
func (r *renderer) table(n *east.Table, st style) error {
	var rows [][][]atom
	lined := false
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		_, head := c.(*east.TableHeader)
		var row [][]atom
		for d := c.FirstChild(); d != nil; d = d.NextSibling() {
			row = append(row, joined(r.inline(d, head)))
		}
		if len(row) > maxColumns {
			return &Error{0, "too many columns"}
		}
		if head {
			filled := slices.ContainsFunc(row, func(a []atom) bool { return len(a) > 0 })
			if lined = filled; !filled {
				continue
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	widths, err := r.columns(rows, pageWidth-2*margin-st.left)
	if err != nil {
		return err
	}
	r.y += 4
	for i, row := range rows {
		if err := r.row(row, widths, st, lined, lined && i == 0); err != nil {
			return err
		}
	}
	r.y += 8
	return nil
}

// columns shares the width by how much the cells hold.
func (r *renderer) columns(rows [][][]atom, width float64) ([]float64, error) {
	count := 0
	for _, row := range rows {
		count = max(count, len(row))
	}
	wants, sum := make([]float64, count), 0.0
	for i := range wants {
		wants[i] = 40
		for _, row := range rows {
			if i >= len(row) {
				continue
			}
			p, err := r.cut(row[i], bodySize, 1.5, 1e9)
			if err != nil {
				return nil, err
			}
			one := 2 * cellPad
			for j := range row[i] {
				one += p.widthOf(j)
			}
			wants[i] = max(wants[i], min(one, width*0.6))
		}
		sum += wants[i]
	}
	for i := range wants {
		wants[i] *= width / sum
	}
	return wants, nil
}

func (r *renderer) row(cells [][]atom, widths []float64, st style, lined, head bool) error {
	const size, leading = bodySize - 0.5, 1.55
	var all []*set
	height := 0.0
	for i, c := range cells {
		p, err := r.cut(c, size, leading, widths[i]-2*cellPad)
		if err != nil {
			return err
		}
		all = append(all, p)
		height = max(height, p.total()+2*cellPad)
	}
	if height > pageHeight-2*margin {
		return &Error{0, "a row of a table that is higher than a page"}
	}
	if err := r.room(height); err != nil {
		return err
	}
	x := margin + st.left
	if head {
		sum := 0.0
		for _, w := range widths {
			sum += w
		}
		fmt.Fprintf(r.page(), "0.93 g %.2f %.2f %.2f %.2f re f 0 g\n", x, pageHeight-r.y-height, sum, height)
	}
	for i, w := range widths {
		if lined {
			fmt.Fprintf(r.page(), "0.5 G 0.5 w %.2f %.2f %.2f %.2f re S 0 G\n", x, pageHeight-r.y-height, w, height)
		}
		if i < len(all) {
			y := r.y + cellPad
			for j := range all[i].lines {
				r.line(all[i], j, x+cellPad, y, false)
				y += all[i].heights[j]
			}
		}
		x += w
	}
	r.y += height
	return nil
}
