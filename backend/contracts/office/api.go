package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/contracts/signers"
	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// maxKeyFile bounds the file of a key that is brought in.
const maxKeyFile = 1 << 20

// API serves KeysService, AuthorityService and SealsService. Get gives the feature, or an error while the profile is not open.
type API struct{ Get func() (*Office, error) }

// in gives the feature and the workspace that a call names.
func (a API) in(text string) (o *Office, id wire.SpaceID, err error) {
	if o, err = a.Get(); err != nil {
		return nil, id, err
	}
	if id, err = wire.ParseSpaceID(text); err != nil {
		return nil, id, errcode.With(errcode.InvalidArgument, err)
	}
	return o, id, o.member(id)
}

// SigningKeys implements KeysService.
func (a API) SigningKeys(ctx context.Context, r *v1.SigningKeysRequest) (*v1.SigningKeysResponse, error) {
	o, err := a.Get()
	if err != nil {
		return nil, err
	}
	var only wire.SpaceID
	if r.WorkspaceId != "" {
		if only, err = wire.ParseSpaceID(r.WorkspaceId); err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
	}
	return o.keys(ctx, only)
}

func (o *Office) keys(ctx context.Context, only wire.SpaceID) (*v1.SigningKeysResponse, error) {
	if err := o.adopt(ctx); err != nil {
		return nil, err
	}
	out := &v1.SigningKeysResponse{Keychain: o.Signers.Keychain()}
	for _, k := range o.Signers.List() {
		if k.Kind == signers.Root || !only.IsZero() && !k.Workspace.IsZero() && k.Workspace != only {
			continue
		}
		m, err := o.keyMessage(ctx, k)
		if err != nil {
			return nil, err
		}
		out.Keys = append(out.Keys, m)
	}
	return out, nil
}

// keyMessage is a key as the door shows it.
func (o *Office) keyMessage(ctx context.Context, k signers.Info) (*v1.SigningKey, error) {
	v, err := o.view(ctx, k.Workspace)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(k.Public)
	m := &v1.SigningKey{Id: k.ID, Kind: v1.KeyKind_KEY_KIND_OWN, Algorithm: k.Algorithm, MadeUnixMs: k.Made.UnixMilli(), Fingerprint: hex.EncodeToString(sum[:])}
	if !k.Workspace.IsZero() {
		m.WorkspaceId = k.Workspace.String()
	}
	m.CertificateState, m.Reason = v.standing(k, o.now())
	if c := k.Certificate(); c != nil && m.CertificateState != none {
		sum := sha256.Sum256(c.Raw)
		m.Subject, m.Issuer, m.Fingerprint = c.Subject.CommonName, c.Issuer.CommonName, hex.EncodeToString(sum[:])
		m.NotBeforeUnixMs, m.NotAfterUnixMs = c.NotBefore.UnixMilli(), c.NotAfter.UnixMilli()
		if k.Kind == signers.Person && v.signed(c) {
			m.Kind = v1.KeyKind_KEY_KIND_WORKSPACE
		}
	} else {
		for _, r := range v.requests {
			if string(r.public) == string(k.Public) {
				m.Subject = r.Name
			}
		}
	}
	switch k.Kind {
	case signers.Imported:
		m.Kind = v1.KeyKind_KEY_KIND_IMPORTED
	case signers.Seal:
		m.Kind = v1.KeyKind_KEY_KIND_SEAL
		if id, err := sealID(k.SealID); err == nil {
			m.SealId = id.String()
			if name, _, err := o.Holders(ctx, k.Workspace, m.SealId); err == nil {
				m.Subject = name
			}
		}
	}
	return m, nil
}

func (o *Office) keyAnswer(ctx context.Context, k signers.Info, err error) (*v1.SigningKey, error) {
	if err != nil {
		return nil, err
	}
	o.Publish("signing_keys")
	return o.keyMessage(ctx, k)
}

// MakeSigningKey implements KeysService.
func (a API) MakeSigningKey(ctx context.Context, r *v1.MakeSigningKeyRequest) (*v1.SigningKey, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	k, err := o.Signers.Make(ctx, signers.Wanted{
		Kind: signers.Person, Workspace: id, Person: o.Me.Person, Algorithm: key.DocumentAlgorithm(r.Algorithm),
	}, r.Password)
	return o.keyAnswer(ctx, k, err)
}

// ImportSigningKey implements KeysService.
func (a API) ImportSigningKey(ctx context.Context, r *v1.ImportSigningKeyRequest) (*v1.SigningKey, error) {
	o, err := a.Get()
	if err != nil {
		return nil, err
	}
	data, err := o.upload(ctx, r.UploadId, maxKeyFile, errcode.KeyFileInvalid)
	if err != nil {
		return nil, err
	}
	k, err := o.Signers.Import(ctx, signers.Wanted{Kind: signers.Imported, Person: o.Me.Person}, data, r.FilePassword, r.Password)
	return o.keyAnswer(ctx, k, err)
}

// upload gives what was brought in; one that is too large is what otherwise names.
func (o *Office) upload(ctx context.Context, id string, most int64, otherwise errcode.Code) ([]byte, error) {
	if o.Upload == nil || id == "" {
		return nil, errcode.UploadIncomplete
	}
	data, err := o.Upload(ctx, id, most)
	if err == nil && int64(len(data)) > most {
		return nil, otherwise
	}
	return data, err
}

// ChangeKeyPassword implements KeysService.
func (a API) ChangeKeyPassword(ctx context.Context, r *v1.ChangeKeyPasswordRequest) (*v1.SigningKey, error) {
	o, err := a.Get()
	if err != nil {
		return nil, err
	}
	k, err := o.Signers.ChangePassword(ctx, r.KeyId, r.OldPassword, r.Password)
	return o.keyAnswer(ctx, k, err)
}

// RemoveSigningKey implements KeysService.
func (a API) RemoveSigningKey(ctx context.Context, r *v1.SigningKeyRequest) (*v1.SigningKeysResponse, error) {
	o, err := a.Get()
	if err != nil {
		return nil, err
	}
	k, err := o.Signers.Info(r.KeyId)
	if err != nil {
		return nil, err
	}
	if k.Kind == signers.Root {
		return nil, errcode.KeyMissing // no list shows it
	}
	if err := o.Signers.Remove(ctx, r.KeyId); err != nil {
		return nil, err
	}
	o.Publish("signing_keys", "seals:"+k.Workspace.String())
	return o.keys(ctx, k.Workspace)
}

// AskCertificate implements KeysService.
func (a API) AskCertificate(ctx context.Context, r *v1.AskCertificateRequest) (*v1.SigningKey, error) {
	o, id, err := a.in(r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if err := o.Ask(ctx, id, r.KeyId, r.LegalName, r.Department, r.Email); err != nil {
		return nil, err
	}
	k, err := o.Signers.Info(r.KeyId)
	return o.keyAnswer(ctx, k, err)
}

// TimeAuthority implements KeysService.
func (a API) TimeAuthority(context.Context, *v1.TimeAuthorityRequest) (*v1.TimeAuthoritySettings, error) {
	o, err := a.Get()
	if err != nil {
		return nil, err
	}
	c := o.times.chosen()
	return &v1.TimeAuthoritySettings{Url: c.URL, User: c.User, RootPem: c.RootPEM, HasPassword: c.HasPassword, TriedUnixMs: c.Tried}, nil
}

// SetTimeAuthority implements KeysService.
func (a API) SetTimeAuthority(ctx context.Context, r *v1.TimeAuthoritySettings) (*v1.TimeAuthoritySettings, error) {
	o, err := a.Get()
	if err != nil {
		return nil, err
	}
	if err := o.SetTimeAuthority(ctx, timeChoice{URL: r.Url, User: r.User, RootPEM: r.RootPem}, r.Password); err != nil {
		return nil, err
	}
	o.Publish("signing_keys")
	return a.TimeAuthority(ctx, nil)
}
