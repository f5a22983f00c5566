package witnessed_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"reflect"
	"strings"
	"testing"

	"roundtable/backend/contracts/evidence"
	"roundtable/backend/contracts/evidence/bundle"
	"roundtable/backend/contracts/ledger"
	"roundtable/backend/contracts/witnessed"
	"roundtable/backend/eventlog"
	"roundtable/backend/key"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

var (
	first  = []byte("%PDF-1.7 a contract\n%%EOF\n")
	second = append(bytes.Clone(first), "and two signatures\n%%EOF\n"...)
)

func name(p wire.PersonID) string { return p.String()[:8] }

// Every party gets all entries with their witnesses, and then it is quiet.
func TestPartiesWitnessEachOther(t *testing.T) {
	li, wang, chen := newDesk(t, "li"), newDesk(t, "wang"), newDesk(t, "chen")
	id := li.contract(wang, chen)
	settle(t, id, li, wang, chen)
	li.does(id, evidence.Leaf{Kind: "sent", Name: "李𠮷", Document: sha256.Sum256(first)})
	wang.does(id, evidence.Leaf{Kind: "signed", Name: "王五", Note: "同意\n" + strings.Repeat("好", 900), Document: sha256.Sum256(second)})
	chen.does(id, evidence.Leaf{Kind: "opened"})
	settle(t, id, li, wang, chen)
	wang.does(id, evidence.Leaf{Kind: "completed", Document: sha256.Sum256(second)})
	settle(t, id, li, wang, chen)
	var before []bundle.Log
	for _, d := range []*desk{li, wang, chen} {
		s, err := d.Summary(t.Context(), id)
		if err != nil || s.Entries != 4 || s.Witnessed != 4 || len(s.Witnesses) != 3 || len(s.Forked) != 0 {
			t.Errorf("%s: %v %+v", d.name, err, s)
		}
		logs, err := d.Gather(t.Context(), id, name)
		if err != nil || len(logs) != 3 {
			t.Fatalf("%s: %v %d", d.name, err, len(logs))
		}
		if before != nil && !reflect.DeepEqual(logs, before) {
			t.Errorf("%s has another certificate", d.name)
		}
		before = logs
		b := bundle.Bundle{Contract: id.String(), Document: bundle.Document{SHA256: sha256.Sum256(second)}, Logs: logs}
		v, err := bundle.Check(b, bytes.NewReader(second), int64(len(second)))
		if err != nil || !v.Good || v.Unseen != 0 || len(v.Believe) != 2 || v.At.IsZero() || len(v.Entries) != 4 || v.Others != 0 {
			t.Errorf("%s: %v %+v", d.name, err, v)
		}
	}
	// Nothing is due any more, and a restart begins nothing anew.
	wang.restarts()
	if n := settle(t, id, li, wang, chen); n != 1 {
		t.Errorf("%d rounds for nothing", n)
	}
	li.does(id, evidence.Leaf{Kind: "reminded"})
	settle(t, id, li, wang, chen)
	if s, err := chen.Summary(t.Context(), id); err != nil || s.Witnessed != 5 {
		t.Errorf("after a restart: %v %+v", err, s)
	}
}

// A witness knows a log from one contract, and is asked in another.
func TestOneLogForAllContracts(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	a, b := li.contract(wang), li.contract(wang)
	for range 20 {
		li.does(a, evidence.Leaf{Kind: "opened"})
		settle(t, a, li, wang)
	}
	li.does(b, evidence.Leaf{Kind: "sent"})
	settle(t, b, li, wang)
	li.does(a, evidence.Leaf{Kind: "voided"})
	settle(t, a, li, wang)
	for id, want := range map[wire.SpaceID]int{a: 21, b: 1} {
		if s, err := wang.Summary(t.Context(), id); err != nil || s.Entries != want || s.Witnessed != want {
			t.Errorf("%v %+v, not %d", err, s, want)
		}
	}
	// What is in the other contract is in no event of this one.
	logs, err := wang.Gather(t.Context(), b, name)
	if err != nil || len(logs) != 1 || len(logs[0].Proofs) != 1 {
		t.Errorf("%v %+v", err, logs)
	}
}

// Somebody who was away for long answers later; nobody else waits for them.
func TestAway(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	id := li.contract(wang)
	settle(t, id, li, wang)
	for range 30 {
		li.does(id, evidence.Leaf{Kind: "opened"})
		settle(t, id, li)
	}
	if s, err := li.Summary(t.Context(), id); err != nil || s.Entries != 30 || s.Witnessed != 0 {
		t.Errorf("%v %+v", err, s)
	}
	v := check(t, li, id, first)
	if v.Good || v.Why != bundle.OtherDocument || v.Unseen != 30 {
		t.Errorf("%+v", v)
	}
	settle(t, id, li, wang)
	if s, err := li.Summary(t.Context(), id); err != nil || s.Witnessed != 30 {
		t.Errorf("%v %+v", err, s)
	}
}

func check(t *testing.T, d *desk, id wire.SpaceID, document []byte) bundle.Verdict {
	t.Helper()
	logs, err := d.Gather(t.Context(), id, name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := bundle.Check(bundle.Bundle{Contract: id.String(), Document: bundle.Document{SHA256: sha256.Sum256(document)}, Logs: logs}, bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

type checkpointBody struct {
	Log     string `cbor:"1,keyasint"`
	Note    string `cbor:"2,keyasint"`
	Entries []struct {
		Index  uint64   `cbor:"1,keyasint"`
		Text   []byte   `cbor:"2,keyasint"`
		Hashes [][]byte `cbor:"3,keyasint,omitempty"`
	} `cbor:"3,keyasint,omitempty"`
}

// A log that shows two people two histories is found out, and everybody is told with the proof.
func TestForked(t *testing.T) {
	li, wang, chen := newDesk(t, "li"), newDesk(t, "wang"), newDesk(t, "chen")
	id := li.contract(wang, chen)
	settle(t, id, li, wang, chen)
	// Li keeps two logs under one key, and posts the state of both.
	k, err := key.NewNoteKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"signed", "voided"} {
		db, err := store.Open(t.Context(), t.TempDir()+"/other.db")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		l, err := ledger.Open(t.Context(), db, witnessed.LogName(li.sign.Public()), k)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := l.Append(tx, evidence.Leaf{Kind: kind, Contract: id.String(), Device: li.sign.Public().String(), At: li.clock.Now()})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		n, err := l.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		li.writes(id, witnessed.KindCheckpoint, checkpointBody{Log: l.Key().String(), Note: n.String()})
	}
	settle(t, id, li, wang, chen)
	for _, d := range []*desk{li, wang, chen} {
		s, err := d.Summary(t.Context(), id)
		if err != nil || len(s.Forked) != 1 || s.Forked[0] != li.party.Person {
			t.Errorf("%s: %v %+v", d.name, err, s)
		}
	}
	if n := settle(t, id, li, wang, chen); n != 1 {
		t.Errorf("%d rounds after it was told", n)
	}
}

// What somebody says in another's name, or without a proof, is not kept.
func TestNobodySpeaksForOthers(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	id := li.contract(wang)
	settle(t, id, li, wang)
	li.does(id, evidence.Leaf{Kind: "sent"})
	settle(t, id, li, wang)
	want, err := li.runner.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var note string
	if err := wang.db.Read().QueryRow(`SELECT text || x'0a' || line FROM witnessed_checkpoint`).Scan(&note); err != nil {
		t.Fatal(err)
	}
	own := checkpointBody{Log: li.Key().String(), Note: note}
	wang.writes(id, witnessed.KindCheckpoint, own)                                                                  // another's log
	wang.writes(id, witnessed.KindCheckpoint, checkpointBody{Log: wang.Key().String(), Note: note})                 // another's state
	li.writes(id, witnessed.KindCheckpoint, checkpointBody{Log: own.Log, Note: strings.Replace(note, "1", "2", 1)}) // never signed
	wang.writes(id, witnessed.KindForked, map[int]string{1: own.Log, 2: note, 3: note})
	wang.writes(id, witnessed.KindCosigned, map[int]any{1: own.Log, 2: []any{}})
	wang.writes(id, witnessed.KindCheckpoint, "nothing")
	wang.writes(id, witnessed.KindCosigned, []int{1})
	wang.writes(id, witnessed.KindForked, 7)
	settle(t, id, li, wang)
	got, err := li.runner.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for table, rows := range want {
		if n := rows.Differ(got[table]); n != 0 {
			t.Errorf("%s differs in %d rows", table, n)
		}
	}
}

// An entry and its event are written together or not at all.
func TestEntryOrNothing(t *testing.T) {
	li := newDesk(t, "li")
	id := li.contract()
	_, err := li.log.Append(t.Context(), id, eventlog.Draft{Kind: "contracts.acted", Body: 1, Then: func(tx *store.Tx, e eventlog.Event) error {
		return li.Note(tx, e, evidence.Leaf{Kind: "NO KIND"})
	}})
	if err == nil {
		t.Error("an entry of no kind")
	}
	li.does(id, evidence.Leaf{Kind: "sent"})
	if s, err := li.Summary(t.Context(), id); err != nil || s.Entries != 1 {
		t.Errorf("%v %+v", err, s)
	}
}

// The tables are the same in whatever order the events came.
func TestOrder(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	id := li.contract(wang)
	settle(t, id, li, wang)
	for _, d := range []*desk{li, wang, li} {
		d.does(id, evidence.Leaf{Kind: "signed"})
		settle(t, id, li, wang)
	}
	a, err := li.runner.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, err := wang.runner.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := wang.runner.Rebuild(t.Context(), "witnessed"); err != nil {
		t.Fatal(err)
	}
	c, err := wang.runner.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for table, rows := range a {
		if strings.HasPrefix(table, "witnessed_") && (rows.Differ(b[table]) != 0 || rows.Differ(c[table]) != 0) {
			t.Errorf("%s differs", table)
		}
	}
}

// A second key of a device is a history that nobody compares with the first: it does not count, and no witness signs for it.
func TestSecondKey(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	id, elsewhere := li.contract(wang), li.contract(wang)
	settle(t, id, li, wang)
	li.does(id, evidence.Leaf{Kind: "sent"})
	settle(t, id, li, wang)
	k, err := key.NewNoteKey()
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), t.TempDir()+"/other.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	l, err := ledger.Open(t.Context(), db, witnessed.LogName(li.sign.Public()), k)
	if err != nil {
		t.Fatal(err)
	}
	n, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, space := range []wire.SpaceID{id, elsewhere} {
		li.writes(space, witnessed.KindCheckpoint, checkpointBody{Log: l.Key().String(), Note: n.String()})
		settle(t, space, li, wang)
		var kept, signed int
		row := wang.db.Read().QueryRow(`SELECT (SELECT count(*) FROM witnessed_checkpoint WHERE space = ?1 AND log = ?2), (SELECT count(*) FROM witnessed_cosigned WHERE log = ?2)`, space[:], l.Key().String())
		if err := row.Scan(&kept, &signed); err != nil || signed != 0 || space == id && kept != 0 {
			t.Errorf("%v %d kept, %d signed", err, kept, signed)
		}
	}
}

// An entry that names another person than its author is not kept.
func TestEntryOfAnother(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	id := li.contract(wang)
	settle(t, id, li, wang)
	db, err := store.Open(t.Context(), t.TempDir()+"/other.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	k, err := key.NewNoteKey()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), db, witnessed.LogName(wang.sign.Public()), k)
	if err != nil {
		t.Fatal(err)
	}
	for i, person := range []wire.PersonID{li.party.Person, wang.party.Person} {
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := l.Append(tx, evidence.Leaf{Kind: "signed", Contract: id.String(), Actor: person.String(), Device: wang.sign.Public().String(), At: wang.clock.Now()})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		n, err := l.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p, err := l.Prove(t.Context(), int64(i), n)
		if err != nil {
			t.Fatal(err)
		}
		var hashes [][]byte
		for _, h := range p.Hashes {
			hashes = append(hashes, h[:])
		}
		body := map[int]any{1: l.Key().String(), 2: n.String(), 3: []any{map[int]any{1: i, 2: p.Leaf, 3: hashes}}}
		wang.writes(id, witnessed.KindCheckpoint, body)
		settle(t, id, li, wang)
		var kept int
		if err := li.db.Read().QueryRow(`SELECT count(*) FROM witnessed_entry`).Scan(&kept); err != nil || kept != i {
			t.Errorf("%v: %d entries are kept, not %d", err, kept, i)
		}
	}
}

// Of a contract that was over long ago nothing is witnessed any more.
func TestLongOver(t *testing.T) {
	li, wang := newDesk(t, "li"), newDesk(t, "wang")
	id := li.contract(wang)
	settle(t, id, li, wang)
	wang.Over(func(context.Context, wire.SpaceID) bool { return true })
	li.does(id, evidence.Leaf{Kind: "opened"})
	settle(t, id, li, wang)
	if s, err := li.Summary(t.Context(), id); err != nil || s.Entries != 1 || s.Witnessed != 0 {
		t.Errorf("%v %+v", err, s)
	}
}
