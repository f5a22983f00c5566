package contracts

import (
	"context"
	_ "embed"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/errcode"
	"roundtable/backend/search"
	"roundtable/backend/store"
	"roundtable/backend/wire"
)

//go:embed index.sql
var indexSchema string

const (
	// maxIndexed bounds the pages of one contract whose text is kept, maxPageText the characters of one page.
	maxIndexed  = 5000
	maxPageText = 50_000
	// maxHits bounds the pages that a question finds.
	maxHits = 2000
	// around is how many characters of an excerpt stand on both sides of what was found.
	around = 24
)

// openIndex takes up the texts of documents.
func (c *Contracts) openIndex(ctx context.Context) error {
	if err := c.DB.Migrate(ctx, "contractsindex", indexSchema); err != nil {
		return err
	}
	c.texts = c.searchTexts
	return nil
}

// index keeps the text of a contract's document, of any of its versions: what is filled in later is drawn, and said in the fields.
// Errors: errcode.NotFound, errcode.InvalidArgument (the text is of another document).
func (c *Contracts) index(ctx context.Context, id wire.SpaceID, sum string, pages []string) error {
	x, err := c.contract(ctx, id)
	if err == nil && x.local.deleted {
		err = errcode.NotFound
	}
	if err != nil {
		return err
	}
	raw, err := hex.DecodeString(sum)
	if err != nil || len(raw) != 32 || !x.has([32]byte(raw)) || len(pages) > maxIndexed {
		return errcode.InvalidArgument
	}
	return c.DB.Write(ctx, func(tx *store.Tx) error {
		if err := forgetText(tx, id); err != nil {
			return err
		}
		if err := insertPages(tx, id, pages); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT OR REPLACE INTO contractslocal_read VALUES(?, ?)`, id[:], raw)
		return err
	})
}

// forgetDeleted takes away the texts of contracts that were taken off this device's list.
func (c *Contracts) forgetDeleted(ctx context.Context) error {
	return c.DB.Write(ctx, func(tx *store.Tx) error {
		for _, q := range []string{
			`DELETE FROM contractslocal_text WHERE rowid IN (SELECT p.row FROM contractslocal_page p JOIN contractslocal_contract l ON l.space = p.space WHERE l.deleted)`,
			`DELETE FROM contractslocal_page WHERE space IN (SELECT space FROM contractslocal_contract WHERE deleted)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// insertPages keeps the text of pages, within a write.
func insertPages(tx *store.Tx, id wire.SpaceID, pages []string) error {
	for i, text := range pages {
		if text = strings.TrimSpace(strings.ToValidUTF8(text, " ")); text == "" {
			continue
		}
		if utf8.RuneCountInString(text) > maxPageText {
			text = clip(text, maxPageText)
		}
		res, err := tx.Exec(`INSERT INTO contractslocal_page(space, page, text) VALUES(?, ?, ?)`, id[:], i+1, text)
		if err != nil {
			return err
		}
		row, err := res.LastInsertId()
		if err != nil {
			return err
		}
		terms := search.Cut(text)
		if _, err := tx.Exec(`INSERT INTO contractslocal_text(rowid, pairs, singles) VALUES(?, ?, ?)`, row, terms.Pairs, terms.Singles); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether a document was a version of a contract.
func (x *contract) has(sum [32]byte) bool {
	for _, v := range x.Versions {
		if v.SHA256 == sum {
			return true
		}
	}
	return false
}

// forgetText takes the text of a contract away, within a write.
func forgetText(tx *store.Tx, id wire.SpaceID) error {
	for _, q := range []string{
		`DELETE FROM contractslocal_text WHERE rowid IN (SELECT row FROM contractslocal_page WHERE space = ?)`,
		`DELETE FROM contractslocal_page WHERE space = ?`, `DELETE FROM contractslocal_read WHERE space = ?`,
	} {
		if _, err := tx.Exec(q, id[:]); err != nil {
			return err
		}
	}
	return nil
}

// unindexed lists contracts of a workspace whose text was not read yet and whose document is here.
func (c *Contracts) unindexed(ctx context.Context, workspace wire.SpaceID) (out []string, err error) {
	all, err := c.rows(ctx, workspace)
	if err != nil {
		return nil, err
	}
	read, err := c.readAlready(ctx)
	if err != nil {
		return nil, err
	}
	const most = 50 // the screen asks again when it has read these
	for _, r := range all {
		if read[r.id] || len(out) >= most {
			continue
		}
		x, err := c.contract(ctx, r.id)
		if err != nil || x.locked() {
			continue
		}
		if missing, err := c.missing(ctx, x); err == nil && missing == 0 {
			out = append(out, r.id.String())
		}
	}
	return out, nil
}

func (c *Contracts) readAlready(ctx context.Context) (map[wire.SpaceID]bool, error) {
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT space FROM contractslocal_read`)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.SpaceID]bool{}
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, store.Classify(err)
		}
		if len(id) == len(wire.SpaceID{}) {
			out[wire.SpaceID(id)] = true
		}
	}
	return out, store.Classify(rows.Err())
}

// searchTexts finds a question in the texts of documents: for each contract the first page, with some words around it.
func (c *Contracts) searchTexts(ctx context.Context, question string) (map[wire.SpaceID]found, error) {
	match := search.Match(question)
	if match == "" {
		return nil, nil
	}
	rows, err := c.DB.Read().QueryContext(ctx, `SELECT p.space, p.page, p.text FROM contractslocal_text t JOIN contractslocal_page p ON p.row = t.rowid
		WHERE contractslocal_text MATCH ? ORDER BY p.space, p.page LIMIT ?`, match, maxHits)
	if err != nil {
		return nil, store.Classify(err)
	}
	defer rows.Close()
	out := map[wire.SpaceID]found{}
	for rows.Next() {
		var id []byte
		var page int
		var text string
		if err := rows.Scan(&id, &page, &text); err != nil {
			return nil, store.Classify(err)
		}
		if len(id) != len(wire.SpaceID{}) {
			continue
		}
		if _, had := out[wire.SpaceID(id)]; !had {
			out[wire.SpaceID(id)] = found{excerpt: search.Excerpt(text, question, around), page: page}
		}
	}
	return out, store.Classify(rows.Err())
}

// UnindexedContracts implements ContractsService.
func (a API) UnindexedContracts(ctx context.Context, r *v1.UnindexedContractsRequest) (*v1.UnindexedContractsResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	var workspace wire.SpaceID
	if r.WorkspaceId != "" {
		if workspace, err = wire.ParseSpaceID(r.WorkspaceId); err != nil {
			return nil, errcode.With(errcode.InvalidArgument, err)
		}
	}
	ids, err := c.unindexed(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return &v1.UnindexedContractsResponse{ContractIds: ids}, nil
}

// IndexContract implements ContractsService.
func (a API) IndexContract(ctx context.Context, r *v1.IndexContractRequest) (*v1.IndexContractResponse, error) {
	c, id, err := a.contract(r.ContractId)
	if err != nil {
		return nil, err
	}
	if err := c.index(ctx, id, r.Sha256, r.Pages); err != nil {
		return nil, err
	}
	return &v1.IndexContractResponse{}, nil
}
