package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"roundtable/backend/calls"
	"roundtable/backend/circles"
	"roundtable/backend/contracts"
	"roundtable/backend/contracts/office"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/ding"
	"roundtable/backend/folders"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// What a check of a profile at rest needs to know of it.

// Files of a profile that hold what nobody else may read.
const (
	DatabaseFile = databaseFile
	IdentityFile = selfFile
)

// ErrNoProfile is returned for a folder in which no profile was ever made.
var ErrNoProfile = errors.New("no profile in this folder")

// Hold keeps every other process out of a profile until it is closed.
// Errors: ErrNoProfile, errcode.ProfileInUse.
func Hold(folder string) (io.Closer, error) {
	for _, name := range []string{selfFile, databaseFile, "lock"} {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return lockProfile(folder)
		} else if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("look at profile: %w", err)
		}
	}
	return nil, fmt.Errorf("%s: %w", folder, ErrNoProfile)
}

// ReadIdentity gives who the profile belongs to. Errors: os.ErrNotExist, wire.ErrMalformed.
func ReadIdentity(folder string) (space.Party, error) {
	s, err := readSelf(folder)
	if err != nil {
		return space.Party{}, err
	}
	return s.party(), nil
}

// Projections is everything that follows the log of a person's profile.
func Projections(me wire.PersonID) []projection.Projection {
	return projections(me, ding.NewProjection(me), folders.NewProjection(), calls.NewProjection(me), contracts.NewProjection(me), witnessed.NewProjection(), office.NewProjection(), circles.NewProjection())
}
