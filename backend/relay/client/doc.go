// Package client is a device's side of one connection to one relay.
//
// A Client keeps connected for as long as Run lasts: it dials (through a proxy
// where there is one), checks the relay's certificate, proves the device key and
// comes back after every loss with growing, jittered pauses. While it is
// connected there is a Session, on which any number of goroutines ask; all
// questions share one WebSocket, and bulk never goes before what is urgent.
//
// # A relay is believed nothing
//
// Who answers something that was not asked, twice, or of the wrong kind is cut
// off with a reason (ErrProtocol). What arrives unasked waits in a queue that is
// bounded in messages and bytes; when the consumer is slow, reading stops and
// the relay feels it. Lists that come in pages end at the limits of package
// protocol, whatever the relay says.
//
// # Silence
//
// A ping goes out when nothing was heard for half a minute. When neither it nor
// anything else is answered within twelve seconds and nothing of ours moves
// either, the path is dead: 45 s after the last sign of life at the latest.
//
// Tokens and tickets appear in no log line, error or URL.
package client
