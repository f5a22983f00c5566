// Package witnessed has the devices of a contract's parties witness each other's evidence logs.
//
//	contracts.checkpoint   a device: the state of its log, and the entries of this contract that nobody has witnessed, with their proofs
//	contracts.cosigned     another device of the space: its signature over such states
//	contracts.forked       anybody: a log was shown in two versions; both are the proof
//
// Every own event of a contract is an entry of this device's log ([Witnessed.Note], in the transaction that stores the event).
// Afterwards, and by itself, the device posts a checkpoint into the space, and the others answer. A checkpoint goes to the
// contract's space alone: others see of the log that it grew, and nothing of what is in it. So
// every party has all entries, their proofs and the cosignatures, and can make the whole certificate of evidence alone.
//
// None of these events is an entry itself, and an answer is not answered: it comes to rest.
//
// # Forks
//
// A witness signs only what continues the log that it knew. The continuation is sent along for the states that were posted last,
// since a witness knows one of those. Two states of one size with different hashes are a proof against the log, wherever they
// were seen; it is told to everybody in the space once. Cosignatures over a forked log stay what they were.
package witnessed
