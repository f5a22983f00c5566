package contracts

import "context"

// documents is what this device keeps of drafts, uploads and templates.
type documents struct{}

// openDocuments takes up what is there of them.
func (*Contracts) openDocuments(context.Context) error { return nil }

// runDocuments does what they need until ctx ends.
func (*Contracts) runDocuments(context.Context) {}
