package wire

import (
	"encoding/binary"
	"fmt"
	"io"
)

// A frame is a 4-byte big-endian length and that many bytes. The length is
// checked before anything is allocated.

// WriteFrame writes one frame in a single Write, so that frames of one writer
// never interleave and small ones leave in one packet.
func WriteFrame(w io.Writer, body []byte) error {
	if len(body) > MaxFrame {
		return fmt.Errorf("write frame of %d bytes: %w", len(body), ErrTooLarge)
	}
	buf := make([]byte, 4+len(body))
	binary.BigEndian.PutUint32(buf, uint32(len(body)))
	copy(buf[4:], body)
	if _, err := w.Write(buf); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// ReadFrame reads one frame of at most limit bytes. Errors: io.EOF between
// frames, io.ErrUnexpectedEOF inside one, ErrTooLarge.
func ReadFrame(r io.Reader, limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if int64(n) > int64(min(limit, MaxFrame)) {
		return nil, fmt.Errorf("read frame of %d bytes: %w", n, ErrTooLarge)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("read frame: %w", noEOF(err))
	}
	return body, nil
}

// Send encodes v and writes it as one frame.
func Send(w io.Writer, v any) error {
	body, err := Encode(v)
	if err != nil {
		return err
	}
	return WriteFrame(w, body)
}

// Receive reads one frame of at most limit bytes into v.
func Receive(r io.Reader, limit int, v any) error {
	body, err := ReadFrame(r, limit)
	if err != nil {
		return err
	}
	return DecodeLoose(body, limit, v)
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
