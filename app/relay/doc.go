// Package relay wires the relay: which engine, which certificate, which ports.
// Main is the program roundtable-relay; Start is the same relay inside a
// desktop ("host the relay for this office").
//
// A relay's folder holds its store (relay.db, chunks; nothing of it with a
// cluster as engine), its own certificate (tls.pem, mode 0600), those that an
// authority gave it (acme), and in a desktop the office's token (office.token,
// mode 0600). The token of any other organisation is in its link and nowhere else.
package relay
