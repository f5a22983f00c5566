// Package verify is roundtable-verify: it puts what [roundtable/backend/contracts/verify] finds
// in a PDF into words, or into JSON. It needs no profile, no workspace and no network, and it
// cannot compile the code that signs.
package verify
