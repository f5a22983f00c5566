package paper

import (
	"bytes"
	"crypto/md5" // the ID of a file is no secret and no proof
	"fmt"
	"time"

	"roundtable/backend/contracts/pdf"
)

// writer puts a new file together.
type writer struct {
	objects []pdf.Object
}

func (w *writer) add(o pdf.Object) pdf.Ref {
	w.objects = append(w.objects, o)
	return pdf.Ref{Num: uint32(len(w.objects))}
}

// bytes writes the file (ISO 32000-2, 7.5).
func (w *writer) bytes(root, info pdf.Ref) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xe5\xe4\xf6\xfc\n")
	places := make([]int, len(w.objects))
	for i, o := range w.objects {
		places[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n", i+1)
		s, is := o.(*pdf.Stream)
		if is {
			d := s.Dict.Clone()
			d["Length"] = pdf.Int(len(s.Data))
			o = d
		}
		text, err := pdf.Append(nil, o)
		if err != nil {
			return nil, err
		}
		out.Write(text)
		if is {
			out.WriteString("\nstream\n")
			out.Write(s.Data)
			out.WriteString("\nendstream")
		}
		out.WriteString("\nendobj\n")
	}
	sum := md5.Sum(out.Bytes()) // see above
	id := pdf.String(sum[:])
	at := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f\r\n", len(places)+1)
	for _, p := range places {
		fmt.Fprintf(&out, "%010d 00000 n\r\n", p)
	}
	trailer, err := pdf.Append(nil, pdf.Dict{"Size": pdf.Int(len(places) + 1), "Root": root, "Info": info, "ID": pdf.Array{id, id}})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&out, "trailer\n%s\nstartxref\n%d\n%%%%EOF\n", trailer, at)
	return out.Bytes(), nil
}

// document writes pages with their fonts.
func (s *sheets) document(title, language string, at time.Time) ([]byte, error) {
	w := &writer{}
	tree := w.add(nil)
	fonts, err := s.ink.fonts(w)
	if err != nil {
		return nil, err
	}
	resources := w.add(pdf.Dict{"Font": fonts})
	var kids pdf.Array
	for _, p := range s.pages {
		content, err := pdf.Flate(pdf.Dict{}, p.Bytes())
		if err != nil {
			return nil, err
		}
		kids = append(kids, w.add(pdf.Dict{
			"Type": pdf.Name("Page"), "Parent": tree, "Resources": resources, "Contents": w.add(content),
			"MediaBox": pdf.Rect([4]float64{0, 0, pageWidth, pageHeight}),
		}))
	}
	w.objects[tree.Num-1] = pdf.Dict{"Type": pdf.Name("Pages"), "Count": pdf.Int(len(kids)), "Kids": kids}
	root := w.add(pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": tree, "Lang": pdf.Text(language), "ViewerPreferences": pdf.Dict{"DisplayDocTitle": true}})
	info := w.add(pdf.Dict{"Title": pdf.Text(title), "Producer": pdf.Text("Roundtable"), "CreationDate": pdf.Date(at)})
	return w.bytes(root, info)
}
