// Package contracts is documents that several people sign. A contract is a space of its parties;
// its events and what they make of it are in package flow.
//
//	contracts.sent           the creator of the space: title, parties, fields and the frozen document
//	contracts.opened         anybody: has seen the document
//	contracts.consented      a party: agrees, with the values of its fields
//	contracts.withdrawn      a party: takes that back before it is signed
//	contracts.acted          who holds the document: signed, approved, or applied a seal; the sender: preserved it
//	contracts.passed         who holds the document: hands it to somebody of the same step
//	contracts.declined       a party
//	contracts.reassigned     a party of itself, or the sender: another person for a party
//	contracts.voided         the sender ends it
//	contracts.reminded       the sender
//	contracts.deadline_set   the sender
//	contracts.seal_asked     a party asks the holder of a seal
//	contracts.seal_refused   the holder does not apply it
//
// How conflicts resolve, docs/decisions/0047 says; the rules are in package flow.
//
// Files of documents lie in a folder of the profile: a version is the one before and the tail that its event
// names, and is used only when its hash is that of the event. Events are written after what they name is on disk, so
// a crash between leaves bytes that nobody refers to, and nothing half.
package contracts
