// Package ledger keeps a device's evidence log and witnesses those of others. What it makes,
// package evidence checks, which knows nothing of this one.
//
// An entry and the hashes it completes are written in the transaction of the caller: what was
// answered for is in the log after a loss of power. A log never forgets and never changes an
// entry. A witness writes down what it is about to sign before it signs: after a loss of
// power it may have signed nothing, but never two histories of one log.
package ledger
