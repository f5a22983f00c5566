package media

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// adapt sends what the engine says that may be sent, as the page does with maxBitrate and active.
func (w *window) adapt() {
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-w.stopped:
			return
		case <-tick.C:
		}
		s := w.e.Snapshot().Sending
		w.mu.Lock()
		left := s.CameraBPS
		for i, name := range layerNames {
			w.layers[name] = slices.Contains(s.Layers, name)
			if w.layers[name] {
				bps := min(left, []int{smallRate, halfRate, fullRate}[i])
				left -= bps
				w.frame[name] = max(bps/8/fps-60, 100)
			}
		}
		w.frame["screen"] = max(s.ScreenBPS/8/fps, 100)
		w.mu.Unlock()
	}
}

const fps = 15

// produce sends packets of one stream until the window closes.
func (w *window) produce(sender *webrtc.RTPSender, track *webrtc.TrackLocalStaticRTP, kind Kind, rid string) {
	every, rate := 20*time.Millisecond, uint32(48000)
	if !kind.Sound() {
		every, rate = 66*time.Millisecond, 90000
	}
	if w.e.o.steady {
		every *= 2 // what is only looked at, not measured, needs no more
		if kind.Sound() {
			every *= 2
		}
	}
	name := rid
	if kind == Screen {
		name = "screen"
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	start, was := time.Now(), false
	seq, base, count, picture := uint16(len(rid)*1000+65000), uint32(len(rid)+1)*1_000_000_000, uint32(0), uint16(0x7ff0)
	for {
		select {
		case <-w.stopped:
			return
		case <-tick.C:
		}
		w.mu.Lock()
		on, key, loud, size := kind.Sound() || w.layers[name], w.key[name] || count == 0, w.loud, w.frame[name]
		up := w.levelID != 0 && w.pc.ConnectionState() == webrtc.PeerConnectionStateConnected
		if on && up {
			w.key[name] = false
		}
		if kind == Microphone && on && up {
			w.said = count + 1
		}
		mids, rids, levels := w.midID, w.ridID, w.levelID
		w.mu.Unlock()
		// A browser begins a layer that it had stopped with a key frame.
		key = key || on && !was
		was = on
		if !on || !up {
			continue
		}
		at := base + uint32(time.Since(start).Seconds()*float64(rate))
		count++
		picture = (picture + 1) & 0x7fff
		body := w.body(kind, rid, count)
		parts := 1
		if !kind.Sound() {
			parts = size/1100 + 1
		}
		for i := range parts {
			p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: at, Marker: i == parts-1}}
			seq++
			if kind.Sound() {
				_ = p.SetExtension(levels, []byte{loud})
				p.Payload = append([]byte{0x78}, body...)
			} else {
				if mid := w.mid(sender); mid != "" {
					_ = p.SetExtension(mids, []byte(mid))
				}
				if rid != "" {
					_ = p.SetExtension(rids, []byte(rid))
				}
				p.Payload = picturePayload(key, i == 0, picture, byte(count), body, size/parts)
			}
			_ = track.WriteRTP(p)
		}
	}
}

func (w *window) body(kind Kind, rid string, count uint32) []byte {
	b := append([]byte{magic}, w.e.o.Self[:]...)
	b = append(b, byte(kind), byte(layerOf(rid)))
	b = binary.BigEndian.AppendUint32(b, count)
	return binary.BigEndian.AppendUint64(b, uint64(time.Now().UnixNano()))
}

// picturePayload is a VP8 packet of some size: descriptor, for the first a frame header, a body.
func picturePayload(key, first bool, picture uint16, level byte, body []byte, size int) []byte {
	p := []byte{0x80, 0xC0, 0x80 | byte(picture>>8), byte(picture), level}
	if first {
		p[0] |= 0x10
		if key {
			p = append(p, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01)
		} else {
			p = append(p, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		}
	}
	p = append(p, body...)
	return append(p, make([]byte, max(size-len(p), 0))...)
}

// obey has key frames made that are asked for.
func (w *window) obey(sender *webrtc.RTPSender, kind Kind, rid string) {
	buffer := make([]byte, 1500)
	name := rid
	if kind == Screen {
		name = "screen"
	}
	for {
		var n int
		var err error
		if rid != "" {
			n, _, err = sender.ReadSimulcast(buffer, rid)
		} else {
			n, _, err = sender.Read(buffer)
		}
		if err != nil {
			select {
			case <-w.stopped:
				return
			case <-time.After(5 * time.Millisecond): // ReadSimulcast does not wait for the first packet
			}
			if w.pc.ConnectionState() == webrtc.PeerConnectionStateClosed {
				return
			}
			continue
		}
		packets, _ := rtcp.Unmarshal(buffer[:n])
		for _, p := range packets {
			if _, ok := p.(*rtcp.PictureLossIndication); ok {
				w.mu.Lock()
				w.key[name] = true
				w.pleas++
				w.mu.Unlock()
			}
		}
	}
}
