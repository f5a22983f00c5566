package media

// vp8 is what the payload descriptor of a packet says (RFC 7741, 4.2), with the places of what is
// rewritten. Offsets are 0 where the field is not there: the first byte is never one of them.
type vp8 struct {
	start    bool // of the first partition of a frame
	key      bool // start of a key frame
	height   int  // of a key frame
	pictures int  // offset of the picture ID, always of 15 bits; shorter ones are left alone
	picture  uint16
	levels   int // offset of TL0PICIDX
	level    uint8
}

// read reads a descriptor. It gives false for what is too short to be one.
func (v *vp8) read(p []byte) bool {
	*v = vp8{}
	if len(p) < 1 {
		return false
	}
	first, at := p[0], 1
	v.start = first&0x10 != 0 && first&0x07 == 0
	if first&0x80 != 0 {
		if len(p) < 2 {
			return false
		}
		extended := p[1]
		at = 2
		if extended&0x80 != 0 {
			if len(p) < at+1 {
				return false
			}
			if p[at]&0x80 != 0 {
				if len(p) < at+2 {
					return false
				}
				v.pictures, v.picture = at, uint16(p[at]&0x7f)<<8|uint16(p[at+1])
				at++
			}
			at++
		}
		if extended&0x40 != 0 {
			if len(p) < at+1 {
				return false
			}
			v.levels, v.level = at, p[at]
			at++
		}
		if extended&0x30 != 0 {
			at++
		}
	}
	if len(p) <= at {
		return false
	}
	if v.start && p[at]&0x01 == 0 { // RFC 6386, 9.1: a key frame, its tag, start code, and sizes
		v.key = true
		if frame := p[at:]; len(frame) >= 10 && frame[3] == 0x9d && frame[4] == 0x01 && frame[5] == 0x2a {
			v.height = (int(frame[8]) | int(frame[9])<<8) & 0x3fff
		}
	}
	return true
}

// write puts other numbers in the place of those that were read.
func (v *vp8) write(p []byte, picture uint16, level uint8) {
	if v.pictures > 0 {
		p[v.pictures], p[v.pictures+1] = 0x80|byte(picture>>8), byte(picture)
	}
	if v.levels > 0 {
		p[v.levels] = level
	}
}
