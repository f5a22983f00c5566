package ephemeral

// Frame is what a peer's program would send.
type Frame = frame

const Protocol = protocol

var Header = header
