package media

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// incoming reads one stream of a connection.
type incoming struct {
	from    carrier
	track   *webrtc.TrackRemote
	levelID uint8 // of the audio level, 0: none
	video   bool
	// layer gives what a packet belongs to; nil: nothing that is taken. It is called for each
	// packet, with the one contributing source that the header names, 0 for none.
	layer func(csrc uint32) *layer
	last  *layer
	// Scratch.
	packet packet
	rtp    rtp.Packet
	blocks []block
	// came is of sound: what was lost may come both with a later packet and when it was asked for.
	came *arrived
	// gaps and asker are of another engine's streams: what is missing is asked for.
	gaps   *gaps
	asker  *asker
	copied time.Time // a packet with copies came
}

// read delivers packets until the stream ends.
func (i *incoming) read() {
	buffer := make([]byte, maxPacket)
	for {
		n, _, err := i.track.Read(buffer)
		if err != nil {
			return
		}
		i.take(buffer[:n], time.Now())
	}
}

// take reads one packet. Foreign bytes: whatever is odd is dropped. Header extensions and lists of
// contributors end here; nothing of them is forwarded.
func (i *incoming) take(data []byte, now time.Time) {
	i.rtp = rtp.Packet{Header: rtp.Header{Extensions: i.rtp.Extensions[:0], CSRC: i.rtp.CSRC[:0]}}
	if err := i.rtp.Unmarshal(data); err != nil || len(i.rtp.CSRC) > 1 {
		return
	}
	csrc := uint32(0)
	if len(i.rtp.CSRC) == 1 {
		csrc = i.rtp.CSRC[0]
	}
	if i.gaps != nil && csrc != 0 { // probes name nothing
		i.noteNumber(i.rtp.SequenceNumber, now)
	}
	l := i.layer(csrc)
	if l == nil || l.src.Kind.Sound() == i.video {
		return
	}
	i.last = l
	p := &i.packet
	*p = packet{seq: i.rtp.SequenceNumber, time: i.rtp.Timestamp, marker: i.rtp.Marker, payload: i.rtp.Payload, level: -1, at: now}
	if i.video && len(p.payload) > 0 && !p.vp8.read(p.payload) {
		return
	}
	if !i.video && i.levelID != 0 {
		if level := i.rtp.GetExtension(i.levelID); len(level) == 1 {
			p.level = int8(level[0] & 0x7f)
		}
	}
	switch {
	case i.came == nil:
	case i.rtp.PayloadType == redType:
		i.unpack(l, *p)
		return
	case !i.came.first(p.seq):
		return
	}
	l.deliver(i.from, i.rtp.SSRC, p)
}

// noteNumber notes that a number came.
func (i *incoming) noteNumber(seq uint16, now time.Time) {
	patience := askAfter
	if i.rtp.PayloadType == redType {
		i.copied = now
	}
	if now.Sub(i.copied) < time.Second {
		patience = askCopied
	}
	if ask := i.gaps.note(seq, now, patience); !ask.IsZero() {
		i.asker.by(ask)
	}
}

// listen reads what the sender of the stream says about it: at what time of its clock it was taken.
func (i *incoming) listen(receiver *webrtc.RTPReceiver, last func() *layer) {
	buffer := make([]byte, maxPacket)
	rid, ssrc := i.track.RID(), uint32(i.track.SSRC())
	for {
		var n int
		var err error
		if rid != "" {
			n, _, err = receiver.ReadSimulcast(buffer, rid)
		} else {
			n, _, err = receiver.Read(buffer)
		}
		if err != nil {
			return
		}
		packets, err := rtcp.Unmarshal(buffer[:n])
		if err != nil {
			continue
		}
		for _, p := range packets {
			if sr, ok := p.(*rtcp.SenderReport); ok && sr.SSRC == ssrc {
				if l := last(); l != nil {
					l.reported(i.from, ssrc, sr, time.Now())
				}
			}
		}
	}
}

// levelIDOf finds the number of the audio level among what was agreed on.
func levelIDOf(receiver *webrtc.RTPReceiver) uint8 {
	for _, x := range receiver.GetParameters().HeaderExtensions {
		if x.URI == levelURI {
			return uint8(x.ID)
		}
	}
	return 0
}
