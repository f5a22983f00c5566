package media

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// track is the sending end of a slot, as pion wants it.
type track struct {
	kind  webrtc.RTPCodecType
	name  string
	group string
	bound atomic.Pointer[bound]
}

// bound is a track whose numbers are agreed on.
type bound struct {
	ssrc    uint32
	payload uint8
	levelID uint8 // 0: none
	red     uint8 // the type of packets with redundancy, 0: the other side takes none
	writer  webrtc.TrackLocalWriter
}

var errNoCodec = errors.New("the other side takes neither VP8 nor Opus")

// newTrack: slots of the same number are one MediaStream, so that a microphone and a camera of one
// device that are put there are played in step.
func newTrack(kind webrtc.RTPCodecType, number int) *track {
	return &track{kind: kind, name: kind.String() + strconv.Itoa(number), group: "slot" + strconv.Itoa(number)}
}

func (t *track) Bind(c webrtc.TrackLocalContext) (webrtc.RTPCodecParameters, error) {
	mime := webrtc.MimeTypeOpus
	if t.kind == webrtc.RTPCodecTypeVideo {
		mime = webrtc.MimeTypeVP8
	}
	for _, codec := range c.CodecParameters() {
		if !strings.EqualFold(codec.MimeType, mime) {
			continue
		}
		b := &bound{ssrc: uint32(c.SSRC()), payload: uint8(codec.PayloadType), writer: c.WriteStream()}
		for _, other := range c.CodecParameters() {
			if strings.EqualFold(other.MimeType, mimeRED) {
				b.red = uint8(other.PayloadType)
			}
		}
		for _, x := range c.HeaderExtensions() {
			if x.URI == levelURI {
				b.levelID = uint8(x.ID)
			}
		}
		t.bound.Store(b)
		return codec, nil
	}
	return webrtc.RTPCodecParameters{}, errNoCodec
}

func (t *track) Unbind(webrtc.TrackLocalContext) error { t.bound.Store(nil); return nil }
func (t *track) ID() string                            { return t.name }
func (t *track) RID() string                           { return "" }
func (t *track) StreamID() string                      { return t.group }
func (t *track) Kind() webrtc.RTPCodecType             { return t.kind }

// write sends one packet; h is the caller's to use again.
func (b *bound) write(h *rtp.Header, payload []byte) { _, _ = b.writer.WriteRTP(h, payload) }
