// Package local is the way from a screen on this machine to the backend: the
// files of the screen, the calls under /api/, and for browsers the changes on
// /live.
//
// Plain serves a window of this very process. There is no port, so there is
// nobody to guard against.
//
// Guarded serves a browser over a port of 127.0.0.1, which every program and
// every web page on the machine can reach. It lets in who knows the boot code:
//
//	GET  /…      the screen's files, which are no secret
//	POST /boot   {"code":"…"}: the code works once, for ten minutes, and is
//	             exchanged for the session, 256 bits made anew in each run, in a
//	             cookie that scripts cannot read. With "bearer":true the session
//	             is in the answer instead, for curl.
//	POST /api/…  needs the session and the header "X-Roundtable: 1"
//	GET  /files/… needs the session: attachments, as pictures and downloads of
//	             the page cannot send the header; so do shared folders,
//	             documents and the pictures of people
//	GET  /live   WebSocket, needs the session; {"topics":["chat"]} per message
//
// Before any of it: the Host must be exactly ours (DNS rebinding), and the
// Origin, where there is one, too (other web pages). Header "X-Roundtable" makes
// browsers ask before they send a call for another page, and nobody says yes.
//
// What this cannot do: cookies do not know ports. Another program of this
// machine that the user visits at 127.0.0.1 is sent the cookie. It lasts as
// long as this process runs.
package local
