// Package evidence is the written form of what happened to a contract, and the check of it: no
// disk, no network, and nothing that makes evidence (that is package ledger).
//
// Every device keeps a Merkle log (RFC 6962; x/mod/sumdb/tlog) of what happened to contracts. An entry is a few lines of
// text ([Leaf]); entries of one contract name each other by hash, so that none can be left out.
// The state of a log is a checkpoint (C2SP tlog-checkpoint): its origin, size and root hash, signed. Others cosign checkpoints
// (C2SP tlog-cosignature): a witness signs only what continues the log that it knew, so a log that
// two people are shown in two versions is found out ([Forked]). Who has an entry, a proof that it is in a log of
// some size, and a checkpoint of that size with enough cosignatures ([Policy]) can show later
// that it was there at that time, with nobody's help: [Proof.Check].
package evidence
