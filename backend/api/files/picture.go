package files

import (
	"encoding/binary"
	"image"
	_ "image/gif" // registers
	_ "image/jpeg"
	_ "image/png"
	"io"
)

const (
	// maxPixels bounds a picture: 50 million take 200 MB once unpacked.
	maxPixels = 50 << 20
	// maxHead is how far into a file its dimensions are looked for.
	maxHead = 1 << 20
)

// fits looks whether a file is the kind of picture that it says, and small enough.
func fits(f File) bool {
	defer func() { _, _ = f.Content.Seek(0, io.SeekStart) }()
	if _, err := f.Content.Seek(0, io.SeekStart); err != nil {
		return false
	}
	head := io.LimitReader(f.Content, maxHead)
	var width, height int
	if f.Media == "image/webp" {
		width, height = webp(head)
	} else {
		c, format, err := image.DecodeConfig(head)
		if err != nil || f.Media != "image/"+format {
			return false
		}
		width, height = c.Width, c.Height
	}
	return width > 0 && height > 0 && width <= maxPixels/height
}

// webp reads the dimensions in the head of a WebP file (RFC 9649); 0 when there are none.
func webp(r io.Reader) (width, height int) {
	var b [30]byte
	if _, err := io.ReadFull(r, b[:]); err != nil || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" {
		return 0, 0
	}
	switch string(b[12:16]) {
	case "VP8 ":
		if b[23] == 0x9d && b[24] == 0x01 && b[25] == 0x2a {
			return int(binary.LittleEndian.Uint16(b[26:]) & 0x3fff), int(binary.LittleEndian.Uint16(b[28:]) & 0x3fff)
		}
	case "VP8L":
		if b[20] == 0x2f {
			bits := binary.LittleEndian.Uint32(b[21:])
			return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
		}
	case "VP8X":
		return (int(b[24]) | int(b[25])<<8 | int(b[26])<<16) + 1, (int(b[27]) | int(b[28])<<8 | int(b[29])<<16) + 1
	}
	return 0, 0
}
