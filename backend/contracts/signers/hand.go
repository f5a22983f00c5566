package signers

import (
	"context"
	"crypto"
	"crypto/x509"
	"slices"

	"roundtable/backend/errcode"
	"roundtable/backend/key"
	"roundtable/backend/wire"
)

// HandOver seals a root's key for other devices, by their sealing keys, each box bound to info and the device. Errors: those of
// Unlock, errcode.InvalidArgument for a key that is no root: a person's key is handed to nobody.
func (s *Signers) HandOver(ctx context.Context, id, password string, info []byte, devices map[wire.DeviceID][]byte) (map[wire.DeviceID][]byte, error) {
	k, private, _, err := s.open(ctx, id, password)
	if err != nil {
		return nil, err
	}
	if k.file.Kind != Root {
		return nil, errcode.InvalidArgument
	}
	plain, err := private.Bytes()
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	out := map[wire.DeviceID][]byte{}
	for device, seal := range devices {
		if out[device], err = key.Wrap(seal, slices.Concat(info, device[:]), plain); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// TakeOver keeps a root's key that was sealed for this device, under a password of its own. Errors: errcode.PassphraseTooShort (min),
// errcode.KeyFileInvalid for a box that does not open or holds another key than that of the root, errcode.DiskFull.
func (s *Signers) TakeOver(ctx context.Context, opener key.Opener, self wire.DeviceID, info, box []byte, root *x509.Certificate, w Wanted, password string) (Info, error) {
	if err := checkPassword(password); err != nil {
		return Info{}, err
	}
	plain, err := opener.Open(slices.Concat(info, self[:]), box)
	if err != nil {
		return Info{}, errcode.With(errcode.KeyFileInvalid, err)
	}
	k, err := key.DocumentKeyFromBytes(plain)
	clear(plain)
	if err != nil {
		return Info{}, errcode.With(errcode.KeyFileInvalid, err)
	}
	public, is := k.Signer().Public().(interface{ Equal(x crypto.PublicKey) bool })
	if !is || !public.Equal(root.PublicKey) {
		return Info{}, errcode.KeyFileInvalid
	}
	w.Kind, w.Certify = Root, nil
	return s.add(ctx, w, k, []*x509.Certificate{root}, password)
}
