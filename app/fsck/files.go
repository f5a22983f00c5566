package fsck

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"roundtable/app"
	"roundtable/backend/blob"
	"roundtable/backend/identity"
	"roundtable/backend/key"
	"roundtable/backend/keychain"
	"roundtable/backend/wire"
)

// files checks what lies beside the database. It reports whether the identity
// was readable.
func (c *check) files() bool {
	c.modes()
	party, err := app.ReadIdentity(c.profile)
	known := err == nil
	switch {
	case known:
		c.party = party
	case !errors.Is(err, os.ErrNotExist):
		c.add(File, "identity_unreadable", app.IdentityFile, err)
	default:
		if _, err := os.Stat(filepath.Join(c.profile, app.DatabaseFile)); err == nil {
			c.add(File, "identity_missing", app.IdentityFile, nil)
		}
	}
	// No ring: the system's keychain would ask the person at the screen.
	chain, err := keychain.Open(c.profile, keychain.Options{Ring: keychain.NoRing{}})
	switch {
	case err != nil:
		c.add(File, "keys_unreadable", "keys", err)
	case chain.State() == keychain.Missing && known:
		c.add(File, "keys_missing", "keys", nil)
	case chain.State() == keychain.Unlocked && known:
		device := chain.Signer().Public()
		if !slices.ContainsFunc(party.Certificates, func(x identity.Certificate) bool { return x.Device == device }) {
			c.add(File, "keys_foreign", "keys", nil)
		}
	}
	return known
}

// pieces reads what is here of attachments.
func (c *check) pieces(ctx context.Context) {
	_, err := blob.Inspect(ctx, filepath.Join(c.profile, app.BlobFolder), func(name string) {
		c.add(File, "piece_damaged", app.BlobFolder+"/"+name, nil)
	})
	if err != nil {
		c.add(File, "pieces_unreadable", app.BlobFolder, err)
	}
}

// modes: what lies in a profile is for its owner alone.
func (c *check) modes() {
	if runtime.GOOS == "windows" {
		return // access lists of the user's folder say it there
	}
	look := func(name string) {
		info, err := os.Lstat(filepath.Join(c.profile, name))
		if err == nil && info.Mode().Perm()&0o077 != 0 && (info.Mode().IsRegular() || info.IsDir()) {
			c.add(File, "mode_open", name, fmt.Errorf("mode %04o", info.Mode().Perm()))
		}
	}
	look(".")
	entries, err := os.ReadDir(c.profile)
	if err != nil {
		c.add(File, "mode_open", ".", err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), "lock") {
			look(e.Name())
		}
	}
}

var errSilent = errors.New("a check has no private key")

// public implements key.Signer and key.Opener with nothing private.
func (p public) Public() wire.DeviceID                  { return p.device }
func (public) Sign(key.Context, []byte) ([]byte, error) { return nil, errSilent }
func (public) TLS() crypto.Signer                       { return nil }
func (public) SealPublic() key.SealPublic               { return nil }
func (public) Open(_, _ []byte) ([]byte, error)         { return nil, key.ErrSealed }
