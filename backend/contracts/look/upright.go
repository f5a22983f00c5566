package look

import (
	"bytes"
	"encoding/binary"
	"image"
)

// turned says how a camera was held, from 1 to 8 (Exif 2.32, tag 0x0112); 1 is upright, and so is what does not say.
func turned(data []byte) int {
	if !bytes.HasPrefix(data, []byte{0xff, 0xd8}) {
		return 1
	}
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		kind, size := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if size < 2 || at+2+size > len(data) || kind == 0xda {
			return 1
		}
		body := data[at+4 : at+2+size]
		if rest, is := bytes.CutPrefix(body, []byte("Exif\x00\x00")); is && kind == 0xe1 {
			return orientation(rest)
		}
		at += 2 + size
	}
	return 1
}

// orientation looks for the tag in the first list of a TIFF.
func orientation(t []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case bytes.HasPrefix(t, []byte("II*\x00")):
		order = binary.LittleEndian
	case !bytes.HasPrefix(t, []byte("MM\x00*")):
		return 1
	}
	if len(t) < 8 {
		return 1
	}
	first := int64(order.Uint32(t[4:]))
	if first+2 > int64(len(t)) {
		return 1
	}
	list := t[first:]
	count := int(order.Uint16(list))
	for i := range count {
		at := 2 + 12*i
		if at+12 > len(list) {
			return 1
		}
		if order.Uint16(list[at:]) == 0x0112 {
			if n := int(order.Uint16(list[at+8:])); n >= 1 && n <= 8 {
				return n
			}
			return 1
		}
	}
	return 1
}

// upright turns a picture as it was seen.
func upright(p *image.NRGBA, how int) *image.NRGBA {
	if how == 1 {
		return p
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if how >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewNRGBA(size)
	for y := range h {
		for x := range w {
			// Where the camera's columns and rows belong.
			to := [2]int{x, y}
			switch how {
			case 2:
				to = [2]int{w - 1 - x, y}
			case 3:
				to = [2]int{w - 1 - x, h - 1 - y}
			case 4:
				to = [2]int{x, h - 1 - y}
			case 5:
				to = [2]int{y, x}
			case 6:
				to = [2]int{h - 1 - y, x}
			case 7:
				to = [2]int{h - 1 - y, w - 1 - x}
			case 8:
				to = [2]int{y, w - 1 - x}
			}
			copy(out.Pix[out.PixOffset(to[0], to[1]):][:4], p.Pix[p.PixOffset(x, y):][:4])
		}
	}
	return out
}
