package contracts

import (
	"context"
	"crypto/x509"
	_ "embed"
	"io"
	"log/slog"
	"os"
	"sync"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/blob"
	"roundtable/backend/clock"
	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/glyph"
	"roundtable/backend/contracts/pades"
	"roundtable/backend/envelope"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/replication/blobs"
	"roundtable/backend/space"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed local.sql
var localSchema string

// Blobs moves the pieces of documents; see replication/blobs.
type Blobs interface {
	Fetch(ctx context.Context, space wire.SpaceID, author wire.DeviceID, f blob.File, asked bool) error
	State(ctx context.Context, id blob.ID) (blobs.State, error)
	Keep(tx *store.Tx, space wire.SpaceID, author wire.DeviceID, f blob.File) error
	Learn(ctx context.Context, f blob.File) error
	Lost(ctx context.Context, space wire.SpaceID, author wire.DeviceID, f blob.File) error
}

// Keys are those that this person signs with.
type Keys interface {
	// Unlock gives what a key signs with. Errors: errcode.KeyMissing, errcode.KeyPasswordWrong, errcode.CertificateUnfit.
	Unlock(ctx context.Context, keyID, password string) (pades.Identity, error)
	// TimeAuthority stamps times; nil when none is chosen.
	TimeAuthority() *pades.Authority
}

// Usable is a seal that this device may apply.
type Usable struct {
	ID, Name string
	// KeyID of this device's key for it, with a certificate that names the seal.
	KeyID string
	// Outlines is the SHA-256 that its certificate names.
	Outlines [32]byte
	// Look draws it.
	Look *pades.Look
}

// Use is one impression of a seal, for its ledger.
type Use struct {
	Seal     string
	Contract wire.SpaceID
	Title    string
	Document [32]byte
	// Asked is who asked for it; zero when the holder used it of itself.
	Asked  wire.PersonID
	Reason string
}

// Office is what a workspace says of certificates and seals.
type Office interface {
	// SealFor gives a seal that this person may use. Errors: errcode.SealForbidden.
	SealFor(ctx context.Context, workspace wire.SpaceID, sealID string) (Usable, error)
	// SealHolders are who may use a seal, and its name. Errors: errcode.NotFound.
	SealHolders(ctx context.Context, workspace wire.SpaceID, sealID string) (name string, holders []wire.PersonID, err error)
	// SealUsed writes a use into the ledger of the seal.
	SealUsed(ctx context.Context, workspace wire.SpaceID, u Use) error
	// Lists are the workspace's lists of revoked certificates, in DER.
	Lists(ctx context.Context, workspace wire.SpaceID) ([][]byte, error)
}

// Evidence keeps what happened to contracts in the log of this device.
type Evidence interface {
	// Note takes one own event, in the transaction that stores it.
	Note(tx *store.Tx, e eventlog.Event, leaf evidence.Leaf) error
}

// Deps is everything this feature works with.
type Deps struct {
	Log     *eventlog.Log
	DB      *store.DB
	Clock   clock.Clock
	Slog    *slog.Logger
	Publish func(topics ...string)
	Me      space.Party
	// Name of a person in a workspace.
	Name func(ctx context.Context, workspace wire.SpaceID, person wire.PersonID) string
	// DeviceName of a device of a workspace's member; may be nil.
	DeviceName func(ctx context.Context, workspace wire.SpaceID, device wire.DeviceID) string
	// AtRelay is how much of a feed of ours a relay keeps; may be nil.
	AtRelay func(id wire.SpaceID, feed envelope.Feed) uint64
	// Reachable reports whether a device of a person is linked, or on a relay, now; may be nil.
	Reachable func(person wire.PersonID) bool
	// PartyOf gives a member of a workspace with all its devices, to let it into a contract; for one that lies in no
	// workspace, a member of any of ours.
	PartyOf func(workspace wire.SpaceID, person wire.PersonID) (space.Party, bool)
	// Pieces and Blobs keep and move what events name.
	Pieces *blob.Store
	Blobs  Blobs
	// Folder is where files of documents lie.
	Folder string
	Fonts  *glyph.Fonts
	// Keys and Office; nil: nothing is signed, or no seal is applied, from here.
	Keys   Keys
	Office Office
	// PersonalSeal draws a name seal of this person, of any workspace; may be nil. Errors: errcode.NotFound.
	PersonalSeal func(ctx context.Context, sealID string) (*pades.Look, error)
	// Standing refuses a certificate that cannot sign now, with errcode.CertificateUnfit; may be nil.
	Standing func(ctx context.Context, workspace wire.SpaceID, c *x509.Certificate) error
	// Evidence may be nil.
	Evidence Evidence
	// Outside lets in parties from outside; nil: there are none.
	Outside Outside
	// Attachment opens one of a conversation, FolderFile one of a shared folder; may be nil.
	Attachment func(ctx context.Context, conversation, message string, index int) (name string, size int64, r io.ReadSeeker, err error)
	FolderFile func(ctx context.Context, folder, path string) (name string, size int64, r io.ReadCloser, err error)
	// Tables hears of what came in.
	Tables *Projection
}

// Contracts is the feature.
type Contracts struct {
	Deps
	documents documents

	// held has a lock for each contract, held while this device writes to it: what was read of it stays true.
	mu   sync.Mutex
	held map[wire.SpaceID]*sync.Mutex // see hold

	queue map[queueKey]*ready
	stuck map[queueKey]errcode.Code // why what waited in queue was not made

	noted chan wire.SpaceID // contracts that Run looks at
	crowd chan struct{}     // it looks at all

	// texts finds a query in the texts of documents, summary says what logs of evidence have of a contract; nil until they are opened.
	texts   func(ctx context.Context, query string) (map[wire.SpaceID]found, error)
	summary func(ctx context.Context, id wire.SpaceID) (*v1.EvidenceSummary, error)

	guessing   sync.Mutex // one access code at a time
	assembling sync.Mutex // while versions are put together
	looked     map[string]known
	compared   map[compared]bool // attached files that are what the document names; mu is held
}

// Open makes the feature. Errors: the system's.
func Open(ctx context.Context, d Deps) (*Contracts, error) {
	if err := d.DB.Migrate(ctx, "contractslocal", localSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "contractsoutside", outsideSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "contractsjudged", judgedSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "contractspin", pinSchema); err != nil {
		return nil, err
	}
	if err := d.DB.Migrate(ctx, "contractsstraddle", straddleSchema); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.Folder, 0o700); err != nil {
		return nil, err
	}
	c := &Contracts{Deps: d, held: map[wire.SpaceID]*sync.Mutex{}, queue: map[queueKey]*ready{}, stuck: map[queueKey]errcode.Code{},
		noted: make(chan wire.SpaceID, 256), crowd: make(chan struct{}, 1), looked: map[string]known{},
		compared: map[compared]bool{}}
	if err := c.sweepWork(); err != nil {
		return nil, err
	}
	if d.Tables != nil {
		d.Tables.Noted = c.nudge
	}
	if err := c.openDocuments(ctx); err != nil {
		return nil, err
	}
	if err := c.openEvidence(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Run works until ctx ends.
func (c *Contracts) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, work := range []func(context.Context){c.runContracts, c.runDocuments, c.runEvidence} {
		wg.Go(func() { work(ctx) })
	}
	wg.Wait()
	return nil
}
