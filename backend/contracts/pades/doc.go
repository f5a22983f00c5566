// Package pades signs PDF files as PAdES asks for it (ETSI EN 319 142-1), levels B-B to B-LTA,
// so that they verify in software that is not ours.
//
//   - B-B: a detached CMS signature (ETSI.CAdES.detached) over everything but itself, which names its certificate ([Sign]).
//   - B-T: with a time stamp of an authority over the signature's value ([Authority], RFC 3161).
//   - B-LT: with what a later check needs, certificates and lists of revoked ones ([Preserve]).
//   - B-LTA: with a time stamp over the whole document, which can be renewed ([Stamp]).
//
// Every step is an incremental update: not a byte of the file changes, so earlier signatures
// stay valid and a form keeps its fields (package pdf). The file is read once and never held in memory.
//
// The key is used through [crypto.Signer], and is asked for one signature at a time.
package pades
