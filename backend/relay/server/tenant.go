package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"roundtable/backend/key"
	"roundtable/backend/relay/engine"
	"roundtable/backend/wire"
)

// Tenant is what a relay knows of an organisation. Its token is kept nowhere.
type Tenant struct {
	ID   engine.Tenant
	Name string
	// MaxBytes bounds what is stored, MaxAge how long; zero: no bound.
	MaxBytes  int64
	MaxAge    time.Duration
	Created   time.Time
	Suspended bool
}

type tenantRecord struct {
	Name      string `cbor:"1,keyasint"`
	MaxBytes  int64  `cbor:"2,keyasint,omitempty"`
	MaxAgeS   int64  `cbor:"3,keyasint,omitempty"`
	CreatedMS int64  `cbor:"4,keyasint"`
	Suspended bool   `cbor:"5,keyasint,omitempty"`
}

const (
	kindTenant = "tenant"
	maxRecord  = 4096
)

var (
	errNobody    = errors.New("the token admits nobody")
	errSuspended = errors.New("the organisation is suspended")
)

// TenantOf names the organisation that a token admits.
func TenantOf(token []byte) engine.Tenant {
	sum := key.Hash("roundtable relay tenant v1", token)
	return engine.Tenant(sum[:16])
}

// RecordKinds are the records of a relay that move with it.
func RecordKinds() []string { return []string{kindTenant, kindSecret} }

// TokenSize of a token, in bytes.
const TokenSize = 32

// NewToken makes a token.
func NewToken() []byte { return wire.Random(TokenSize) }

// CreateTenant admits an organisation and returns its token, which is not kept.
func CreateTenant(ctx context.Context, records engine.Records, t Tenant) (token []byte, err error) {
	token = NewToken()
	t.ID = TenantOf(token)
	return token, SetTenant(ctx, records, t)
}

// SetTenant replaces what is known of an organisation; running relays notice
// within Limits.Refresh.
func SetTenant(ctx context.Context, records engine.Records, t Tenant) error {
	if len([]rune(t.Name)) > wire.MaxName || t.MaxBytes < 0 || t.MaxAge < 0 {
		return fmt.Errorf("set tenant: %w", wire.ErrMalformed)
	}
	raw, err := wire.Encode(tenantRecord{Name: t.Name, MaxBytes: t.MaxBytes, MaxAgeS: int64(t.MaxAge / time.Second),
		CreatedMS: t.Created.UnixMilli(), Suspended: t.Suspended})
	if err != nil {
		return err
	}
	if err := records.SetRecord(ctx, kindTenant, hex.EncodeToString(t.ID[:]), raw); err != nil {
		return fmt.Errorf("set tenant: %w", err)
	}
	return nil
}

// GetTenant errors: engine.ErrNotFound.
func GetTenant(ctx context.Context, records engine.Records, id engine.Tenant) (Tenant, error) {
	raw, err := records.Record(ctx, kindTenant, hex.EncodeToString(id[:]))
	if err != nil {
		return Tenant{}, fmt.Errorf("get tenant: %w", err)
	}
	var r tenantRecord
	if err := wire.Decode(raw, maxRecord, &r); err != nil {
		return Tenant{}, fmt.Errorf("get tenant: %w", err)
	}
	return Tenant{ID: id, Name: r.Name, MaxBytes: r.MaxBytes, MaxAge: time.Duration(r.MaxAgeS) * time.Second,
		Created: time.UnixMilli(r.CreatedMS), Suspended: r.Suspended}, nil
}

// ListTenants lists all organisations.
func ListTenants(ctx context.Context, records engine.Records) ([]Tenant, error) {
	keys, err := records.RecordKeys(ctx, kindTenant)
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", err)
	}
	out := make([]Tenant, 0, len(keys))
	for _, k := range keys {
		raw, err := hex.DecodeString(k)
		if err != nil || len(raw) != len(engine.Tenant{}) {
			continue // not ours
		}
		t, err := GetTenant(ctx, records, engine.Tenant(raw))
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// SuspendTenant turns an organisation away, or lets it in again.
func SuspendTenant(ctx context.Context, records engine.Records, id engine.Tenant, suspended bool) error {
	t, err := GetTenant(ctx, records, id)
	if err != nil {
		return err
	}
	t.Suspended = suspended
	return SetTenant(ctx, records, t)
}

// tenant is an organisation with connected devices.
type tenant struct {
	id   engine.Tenant
	used atomic.Int64 // bytes, as of the last look, and what was added since
	mu   sync.Mutex
	Tenant
	looked time.Time
	// members are its devices that are connected or watched; Server.mu guards it.
	members map[wire.DeviceID]*member
}

func (t *tenant) known() Tenant {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Tenant
}

// full reports whether bytes more are beyond the quota.
func (t *tenant) full(bytes int64) bool {
	most := t.known().MaxBytes
	return most > 0 && t.used.Load()+bytes > most
}

// tenants keeps those whose devices came since the start: never more than there are records.
type tenants struct {
	s    *Server
	mu   sync.Mutex
	each map[engine.Tenant]*tenant
}

// admit finds the organisation of a token. Errors: errNobody, errSuspended.
func (ts *tenants) admit(ctx context.Context, id engine.Tenant) (*tenant, error) {
	ts.mu.Lock()
	t := ts.each[id]
	ts.mu.Unlock()
	if t == nil || ts.s.clock.Now().Sub(t.lookedAt()) > ts.s.limits.Refresh {
		var err error
		if t, err = ts.look(ctx, id); err != nil {
			return nil, err
		}
	}
	if t.known().Suspended {
		return nil, errSuspended
	}
	return t, nil
}

func (t *tenant) lookedAt() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.looked
}

// look asks the engine.
func (ts *tenants) look(ctx context.Context, id engine.Tenant) (*tenant, error) {
	record, err := GetTenant(ctx, ts.s.engine, id)
	if errors.Is(err, engine.ErrNotFound) {
		return nil, errNobody
	}
	if err != nil {
		return nil, err
	}
	usage, err := ts.s.engine.Usage(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look at usage: %w", err)
	}
	ts.mu.Lock()
	t := ts.each[id]
	if t == nil {
		t = &tenant{id: id, members: map[wire.DeviceID]*member{}}
		ts.each[id] = t
	}
	ts.mu.Unlock()
	t.used.Store(usage.Bytes)
	t.mu.Lock()
	t.Tenant, t.looked = record, ts.s.clock.Now()
	t.mu.Unlock()
	return t, nil
}

// refresh looks again at all that have devices here, and cuts those that are
// suspended or gone.
func (ts *tenants) refresh(ctx context.Context) {
	ts.mu.Lock()
	all := make([]*tenant, 0, len(ts.each))
	for _, t := range ts.each {
		all = append(all, t)
	}
	ts.mu.Unlock()
	for _, t := range all {
		if !ts.s.inhabited(t) {
			continue
		}
		_, err := ts.look(ctx, t.id)
		switch {
		case errors.Is(err, errNobody) || err == nil && t.known().Suspended:
			ts.s.cutTenant(t)
		case err != nil && ctx.Err() == nil:
			ts.s.log.Warn("tenant could not be looked at", "error", err)
		}
	}
}

// sweep removes what is older than each organisation keeps it.
func (ts *tenants) sweep(ctx context.Context) {
	list, err := ListTenants(ctx, ts.s.engine)
	if err != nil {
		ts.s.log.Warn("tenants could not be listed", "error", err)
		return
	}
	for _, t := range list {
		if t.MaxAge <= 0 || ctx.Err() != nil {
			continue
		}
		removed, err := ts.s.engine.Sweep(ctx, t.ID, ts.s.clock.Now().Add(-t.MaxAge))
		if err != nil {
			ts.s.log.Warn("old envelopes could not be removed", "error", err)
			continue
		}
		if removed.Bytes > 0 {
			ts.s.log.Info("removed what was old", "bytes", removed.Bytes, "envelopes", removed.Envelopes, "chunks", removed.Chunks)
		}
	}
}
