package media

import (
	"encoding/binary"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
)

// counter numbers what goes out over one connection and reads what the other end says of it. It
// stands nearest to the network, so resends are counted too.
type counter struct {
	interceptor.NoOp
	estimate *estimate
}

// NewInterceptor implements interceptor.Factory.
func (e *estimate) NewInterceptor(string) (interceptor.Interceptor, error) {
	e.restarted()
	return &counter{estimate: e}, nil
}

// BindLocalStream numbers packets.
func (c *counter) BindLocalStream(info *interceptor.StreamInfo, writer interceptor.RTPWriter) interceptor.RTPWriter {
	id := uint8(0)
	for _, x := range info.RTPHeaderExtensions {
		if x.URI == sdp.TransportCCURI {
			id = uint8(x.ID)
		}
	}
	if id == 0 {
		return writer
	}
	var value [2]byte // packets of one stream are written one after the other
	return interceptor.RTPWriterFunc(func(header *rtp.Header, payload []byte, attributes interceptor.Attributes) (int, error) {
		seq := c.estimate.sent(len(payload)+60, time.Now()) // with what IP, UDP, SRTP and the header take
		binary.BigEndian.PutUint16(value[:], seq)
		if err := header.SetExtension(id, value[:]); err != nil {
			return 0, err
		}
		return writer.Write(header, payload, attributes)
	})
}

// BindRTCPReader reads feedback.
func (c *counter) BindRTCPReader(reader interceptor.RTCPReader) interceptor.RTCPReader {
	return interceptor.RTCPReaderFunc(func(data []byte, attributes interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, attributes, err := reader.Read(data, attributes)
		if err != nil {
			return n, attributes, err
		}
		if attributes == nil {
			attributes = interceptor.Attributes{}
		}
		packets, err := attributes.GetRTCPPackets(data[:n])
		if err != nil {
			return n, attributes, nil //nolint:nilerr // odd reports are nobody's end
		}
		for _, p := range packets {
			if f, ok := p.(*rtcp.TransportLayerCC); ok {
				c.estimate.acked(arrivals(f), time.Now())
			}
		}
		return n, attributes, nil
	})
}

const maxArrivals = 2048

// arrivals reads a feedback. Foreign numbers: whatever they are, no more than maxArrivals come out.
func arrivals(f *rtcp.TransportLayerCC) []arrival {
	left := min(int(f.PacketStatusCount), maxArrivals)
	all := make([]arrival, 0, left)
	at := time.Duration(f.ReferenceTime) * 64 * time.Millisecond
	seq, deltas := f.BaseSequenceNumber, f.RecvDeltas
	one := func(symbol uint16) bool {
		if len(all) == left {
			return false
		}
		a := arrival{seq: seq, at: -1}
		seq++
		if symbol == rtcp.TypeTCCPacketReceivedSmallDelta || symbol == rtcp.TypeTCCPacketReceivedLargeDelta {
			if len(deltas) == 0 {
				return false
			}
			at += time.Duration(deltas[0].Delta) * time.Microsecond
			deltas = deltas[1:]
			a.at = max(at, 0)
		}
		all = append(all, a)
		return true
	}
	for _, chunk := range f.PacketChunks {
		switch c := chunk.(type) {
		case *rtcp.RunLengthChunk:
			for range c.RunLength {
				if !one(c.PacketStatusSymbol) {
					return all
				}
			}
		case *rtcp.StatusVectorChunk:
			for _, symbol := range c.SymbolList {
				if !one(symbol) {
					return all
				}
			}
		}
	}
	return all
}
