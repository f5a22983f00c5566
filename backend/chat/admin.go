package chat

import (
	"errors"

	"roundtable/backend/eventlog"
	"roundtable/backend/projection"
	"roundtable/backend/space"
	"roundtable/backend/wire"
)

// administers keeps who manages a space. Who once did stays in it: what they took
// back then must not come back because they do something else now.
func (p *Projection) administers(tx *projection.Tx, m eventlog.Members) error {
	var known int
	if err := tx.QueryRow(`SELECT count(*) FROM chat_space WHERE space = ?`, m.Space[:]).Scan(&known); err != nil {
		return err
	}
	news := known == 0
	for _, person := range m.People {
		member, ok := m.State.Member(person)
		query := `DELETE FROM chat_admin WHERE space = ? AND person = ?`
		if ok && member.Peak >= space.Admin {
			query = `INSERT OR IGNORE INTO chat_admin VALUES(?, ?)`
		}
		r, err := tx.Exec(query, m.Space[:], person[:])
		if err != nil {
			return err
		}
		n, err := r.RowsAffected()
		if err != nil {
			return err
		}
		news = news || n > 0
	}
	if news {
		tx.Once("recalls of "+m.Space.String(), func() error { return errors.Join(p.judgeAll(tx, m.Space), p.rejudge(tx, m.Space)) })
		if m.State.Kind.Standalone() {
			p.judgeWorkspace(tx, m.Space)
		}
	}
	return nil
}

// judgeAll judges every message of a space that somebody took back.
func (p *Projection) judgeAll(tx *projection.Tx, id wire.SpaceID) error {
	rows, err := tx.Query(`SELECT DISTINCT feed, seq FROM chat_recall WHERE space = (SELECT id FROM chat_room WHERE space = ?)`, id[:])
	if err != nil {
		return err
	}
	var all [][2]int64
	for rows.Next() {
		var one [2]int64
		if err := rows.Scan(&one[0], &one[1]); err != nil {
			return errors.Join(err, rows.Close())
		}
		all = append(all, one)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, one := range all {
		if err := p.judge(tx, id, one[0], one[1]); err != nil {
			return err
		}
	}
	return nil
}

// judgeWorkspace does so, at the end of the write, in all conversations of a workspace.
func (p *Projection) judgeWorkspace(tx *projection.Tx, workspace wire.SpaceID) {
	tx.Once("recalls in "+workspace.String(), func() error {
		rows, err := tx.Query(`SELECT s.space FROM chat_space s JOIN chat_room r ON r.space = s.space
			WHERE s.workspace = ? AND EXISTS(SELECT 1 FROM chat_recall c WHERE c.space = r.id)`, workspace[:])
		if err != nil {
			return err
		}
		var all []wire.SpaceID
		for rows.Next() {
			var raw []byte
			if err := rows.Scan(&raw); err != nil {
				return errors.Join(err, rows.Close())
			}
			all = append(all, wire.SpaceID(raw))
		}
		err = errors.Join(rows.Err(), rows.Close())
		for _, id := range all {
			err = errors.Join(err, p.judgeAll(tx, id))
		}
		return err
	})
}
