package witnessed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/wire"
)

// Summary is what is proven of a contract here.
type Summary struct {
	// Entries in all logs, and how many of them somebody else has witnessed.
	Entries, Witnessed int
	// Witnesses are the people whose devices signed; Forked those whose log was shown in two versions.
	Witnesses, Forked []wire.PersonID
}

// Summary sums up a contract.
func (w *Witnessed) Summary(ctx context.Context, id wire.SpaceID) (s Summary, err error) {
	own := w.ledger.Key().String()
	indexes, _, err := w.ledger.Of(ctx, id.String())
	if err != nil {
		return s, err
	}
	s.Entries = len(indexes)
	row := w.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT DISTINCT log, idx FROM witnessed_entry WHERE space = ? AND log <> ?)`, id[:], own)
	var others int
	if err := row.Scan(&others); err != nil {
		return s, fmt.Errorf("read evidence: %w", err)
	}
	s.Entries += others
	row = w.DB.Read().QueryRowContext(ctx, `SELECT count(*) FROM (SELECT DISTINCT e.log, e.idx FROM witnessed_entry e JOIN witnessed_cosigned c
		ON c.space = e.space AND c.log = e.log AND c.hash = e.hash AND c.good = 1 JOIN witnessed_checkpoint p ON p.space = c.space AND p.log = c.log AND p.hash = c.hash
		WHERE e.space = ? AND p.person <> c.person)`, id[:])
	if err := row.Scan(&s.Witnessed); err != nil {
		return s, fmt.Errorf("read evidence: %w", err)
	}
	if s.Witnesses, err = w.people(ctx, `SELECT DISTINCT c.person FROM witnessed_cosigned c JOIN witnessed_checkpoint p ON p.space = c.space AND p.log = c.log AND p.hash = c.hash
		WHERE c.space = ? AND c.good = 1 AND p.person <> c.person ORDER BY c.person`, id); err != nil {
		return s, err
	}
	s.Forked, err = w.people(ctx, `SELECT DISTINCT p.person FROM witnessed_forked f JOIN witnessed_checkpoint p ON p.log = f.log AND p.space = f.space
		WHERE f.space = ? ORDER BY p.person`, id)
	return s, err
}

func (w *Witnessed) people(ctx context.Context, query string, id wire.SpaceID) (out []wire.PersonID, err error) {
	rows, err := w.DB.Read().QueryContext(ctx, query, id[:])
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		out = append(out, wire.PersonID(raw))
	}
	return out, rows.Err()
}

// signature is one over a checkpoint.
type signature struct {
	party  bundle.Party
	person wire.PersonID
	line   string
	at     time.Time
}

// proven is an entry with one of its proofs.
type proven struct {
	log, text, line string
	hash            [32]byte
	index           int64
	leaf, hashes    []byte
	device          wire.DeviceID
	person          wire.PersonID
}

// seen is how well an entry is witnessed: by how many people, up to those that are wanted, and when so many had seen it.
type seen struct {
	people int
	at     time.Time
}

func (s seen) better(o seen) bool {
	return s.people > o.people || s.people == o.people && s.people > 0 && s.at.Before(o.at)
}

const (
	// wanted is how many people are asked for, where so many have signed.
	wanted = 2
	// maxLines bounds the cosignatures of a proof: one for each person.
	maxLines = 64
)

// Gather gives the logs of a contract, each entry with the proof that most people witnessed, up to two, and of those the one that was witnessed
// first; or one without witnesses. name is what people are called. It is the same for the same tables.
func (w *Witnessed) Gather(ctx context.Context, id wire.SpaceID, name func(wire.PersonID) string) ([]bundle.Log, error) {
	signatures, err := w.signatures(ctx, id, name)
	if err != nil {
		return nil, err
	}
	all, err := w.proven(ctx, id)
	if err != nil {
		return nil, err
	}
	logs := map[string]*bundle.Log{}
	best := map[string]map[int64]seen{}
	for _, p := range all {
		l := logs[p.log]
		if l == nil {
			k, err := evidence.ParseKey(p.log)
			if err != nil {
				return nil, err
			}
			l = &bundle.Log{Party: bundle.Party{Key: k, Person: name(p.person), ID: p.person.String(), Device: p.device.String()}}
			logs[p.log], best[p.log] = l, map[int64]seen{}
		}
		proof, now, err := p.proof(l, signatures[p.log+"\n"+string(p.hash[:])])
		if err != nil {
			return nil, err
		}
		i, there := slices.BinarySearchFunc(l.Proofs, p.index, func(q evidence.Proof, index int64) int { return int(min(1, max(-1, q.Index-index))) })
		switch {
		case !there:
			l.Proofs = slices.Insert(l.Proofs, i, proof)
		case !now.better(best[p.log][p.index]):
			continue
		default:
			l.Proofs[i] = proof
		}
		best[p.log][p.index] = now
	}
	if err := w.forks(ctx, id, logs); err != nil {
		return nil, err
	}
	var out []bundle.Log
	for _, l := range logs {
		people := map[string]bool{}
		for _, party := range l.Witnesses {
			people[party.ID] = true
		}
		l.Enough = min(wanted, len(people))
		slices.SortFunc(l.Witnesses, func(a, b bundle.Party) int { return bytes.Compare([]byte(a.Key.Name), []byte(b.Key.Name)) })
		out = append(out, *l)
	}
	return fit(out), nil
}

// forks takes along the proofs against logs.
func (w *Witnessed) forks(ctx context.Context, id wire.SpaceID, logs map[string]*bundle.Log) error {
	rows, err := w.DB.Read().QueryContext(ctx, `SELECT log, first, second FROM witnessed_forked WHERE space = ? ORDER BY log, first, second`, id[:])
	if err != nil {
		return fmt.Errorf("read forks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var log, first, second string
		if err := rows.Scan(&log, &first, &second); err != nil {
			return fmt.Errorf("read forks: %w", err)
		}
		l := logs[log]
		a, err1 := evidence.ParseNote(first)
		b, err2 := evidence.ParseNote(second)
		if l != nil && l.Fork == nil && err1 == nil && err2 == nil {
			l.Fork = []evidence.Note{a, b}
		}
	}
	return rows.Err()
}

// proof puts an entry's proof together with the cosignatures of its checkpoint, the earliest of each person but the author, and says how well it
// is witnessed.
func (p proven) proof(l *bundle.Log, by []signature) (out evidence.Proof, s seen, err error) {
	var raw [][]byte
	if err := wire.Decode(p.hashes, wire.MaxBody, &raw); err != nil {
		return out, s, fmt.Errorf("read evidence: %w", err)
	}
	out = evidence.Proof{Index: p.index, Leaf: p.leaf, Note: evidence.Note{Text: p.text, Lines: []string{p.line}}}
	out.Hashes, _ = treeHashes(raw)
	people := map[wire.PersonID]bool{p.person: true}
	for _, one := range by {
		if people[one.person] || len(people) > maxLines {
			continue
		}
		people[one.person] = true
		out.Note.Lines = append(out.Note.Lines, one.line)
		if s.people < wanted {
			s.people, s.at = s.people+1, one.at
		}
		if !slices.ContainsFunc(l.Witnesses, func(w bundle.Party) bool { return w.Key.Name == one.party.Key.Name }) {
			l.Witnesses = append(l.Witnesses, one.party)
		}
	}
	return out, s, nil
}

// signatures are the good ones by log and hash of the checkpoint, the earliest first.
func (w *Witnessed) signatures(ctx context.Context, id wire.SpaceID, name func(wire.PersonID) string) (map[string][]signature, error) {
	rows, err := w.DB.Read().QueryContext(ctx, `SELECT c.witness, c.log, c.hash, c.line, c.device, c.person, p.text FROM witnessed_cosigned c
		JOIN witnessed_checkpoint p ON p.space = c.space AND p.log = c.log AND p.hash = c.hash WHERE c.space = ? AND c.good = 1 ORDER BY c.witness, c.line`, id[:])
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	defer rows.Close()
	out := map[string][]signature{}
	for rows.Next() {
		var witness, log, line, text string
		var hash, device, person []byte
		if err := rows.Scan(&witness, &log, &hash, &line, &device, &person, &text); err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		k, err := evidence.ParseKey(witness)
		if err != nil {
			continue
		}
		at, ok := evidence.Note{Text: text, Lines: []string{line}}.SignedBy(k)
		if !ok {
			continue
		}
		place := log + "\n" + string(hash)
		out[place] = append(out[place], signature{
			bundle.Party{Key: k, Person: name(wire.PersonID(person)), ID: wire.PersonID(person).String(), Device: wire.DeviceID(device).String()}, wire.PersonID(person), line, at,
		})
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b signature) int { return a.at.Compare(b.at) })
	}
	return out, rows.Err()
}

// proven are the entries with all of their proofs, and those of this device's own that nobody was told of yet.
func (w *Witnessed) proven(ctx context.Context, id wire.SpaceID) (out []proven, err error) {
	rows, err := w.DB.Read().QueryContext(ctx, `SELECT e.log, e.idx, e.hash, e.text, e.proof, p.text, p.line, p.device, p.person FROM witnessed_entry e
		JOIN witnessed_checkpoint p ON p.id = (SELECT min(id) FROM witnessed_checkpoint q WHERE q.space = e.space AND q.log = e.log AND q.hash = e.hash)
		WHERE e.space = ? ORDER BY e.log, e.idx, p.size`, id[:])
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	there := map[int64]bool{}
	own := w.ledger.Key().String()
	for rows.Next() {
		var p proven
		var hash, device, person []byte
		err = errors.Join(err, rows.Scan(&p.log, &p.index, &hash, &p.leaf, &p.hashes, &p.text, &p.line, &device, &person))
		copy(p.hash[:], hash)
		copy(p.device[:], device)
		copy(p.person[:], person)
		if out = append(out, p); p.log == own {
			there[p.index] = true
		}
	}
	if err = errors.Join(err, rows.Close()); err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	rest, err := w.unposted(ctx, id, there)
	return append(out, rest...), err
}

// unposted are own entries that nobody was told of yet.
func (w *Witnessed) unposted(ctx context.Context, id wire.SpaceID, posted map[int64]bool) (out []proven, err error) {
	indexes, _, err := w.ledger.Of(ctx, id.String())
	if err != nil || !slices.ContainsFunc(indexes, func(i int64) bool { return !posted[i] }) {
		return nil, err
	}
	n, err := w.ledger.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	self := w.Log.Self()
	for _, index := range indexes {
		if posted[index] {
			continue
		}
		p, err := w.ledger.Prove(ctx, index, n)
		if err != nil {
			return nil, err
		}
		leaf, err := evidence.ParseLeaf(p.Leaf)
		if err != nil {
			return nil, err
		}
		one := proven{log: w.ledger.Key().String(), text: n.Text, line: n.Lines[0], index: index, leaf: p.Leaf, hashes: wire.MustEncode(rawHashes(p.Hashes)), device: self}
		if one.person, err = wire.ParsePersonID(leaf.Actor); err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		out = append(out, one)
	}
	return out, nil
}
