package folders

import (
	"roundtable/backend/projection"
	"roundtable/backend/wire"
)

// maxTold bounds what is said in one folder, by everybody and for ever: entries, and the
// versions that they replace beyond one for each. A million files with 2,400 changes a
// day reach it after ten years; somebody who only wants to fill the tables of others,
// within minutes. It is a bound of the folder and not of a device, because a device
// may begin as many feeds as it likes.
const maxTold = 10_000_000

// weighs is what an event with entries adds to what is said in a folder.
func weighs(all []entry) (n int64) {
	for _, one := range all {
		n += int64(max(1, len(one.Replaces)))
	}
	return n
}

// chunksPerTold is how many chunks in packs weigh as much as an entry. A pack of large
// files has fewer; one of small files adds little to what their entries weigh.
const chunksPerTold = 64

func (c chunksPacked) weighs() (n int64) {
	for _, p := range c.Packs {
		n += 1 + int64(len(p.list()))/chunksPerTold
	}
	return n
}

// tell counts what is said in a folder. Once it is more than Most no event is taken any
// more, and counting goes on: so it is the same on every device, in whatever order
// events came, that the folder is crowded. Which of its events were taken is not,
// and nobody looks at them again.
func (p *Projection) tell(tx *projection.Tx, folder int64, id wire.SpaceID, n int64) (taken bool, err error) {
	var told int64
	if err := tx.QueryRow(`UPDATE folders_space SET told = told + ? WHERE row = ? RETURNING told`, n, folder).Scan(&told); err != nil {
		return false, err
	}
	if told > p.Most && told-n <= p.Most {
		tx.Changed("folders", topic(id))
		p.note(tx, id, nil)
	}
	return told <= p.Most, nil
}

// crowded reports whether more was said in a folder than is taken: nothing is kept level
// there, and nothing is said, until the files are shared anew.
func (f *Folders) crowded(id wire.SpaceID) (is bool) {
	err := f.DB.Read().QueryRow(`SELECT told > ? FROM folders_space WHERE space = ?`, f.Tables.Most, id[:]).Scan(&is)
	return err == nil && is
}
