package contracts

import (
	"testing"

	"roundtable/backend/store"
	"roundtable/backend/wire"
)

// keepText keeps pages as index does, for a contract that the log does not know.
func keepText(t *testing.T, c *Contracts, id wire.SpaceID, pages ...string) {
	t.Helper()
	err := c.DB.Write(t.Context(), func(tx *store.Tx) error {
		if err := forgetText(tx, id); err != nil {
			return err
		}
		return insertPages(tx, id, pages)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSearchTexts(t *testing.T) {
	c := shelf(t, t.TempDir())
	one, two := wire.SpaceID(wire.Random(32)), wire.SpaceID(wire.Random(32))
	keepText(t, c, one, "采购合同", "", "乙方应于上海交\n货，逾期支付违约金。")
	keepText(t, c, two, "租赁合同：房屋位于北京。Rent is 3,000.")
	for question, want := range map[string]map[wire.SpaceID]int{
		"合同": {one: 1, two: 1}, "上海": {one: 3}, "交货": {one: 3}, "违约金": {one: 3}, "rent": {two: 1}, "广州": {}, "": {},
	} {
		got, err := c.searchTexts(t.Context(), question)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: %v %v", question, got, err)
		}
		for id, page := range want {
			if got[id].page != page || got[id].excerpt == "" {
				t.Errorf("%s: %+v", question, got[id])
			}
		}
	}
	keepText(t, c, one, "另一份")
	if got, err := c.searchTexts(t.Context(), "上海"); err != nil || len(got) != 0 {
		t.Errorf("what was replaced is found: %v %v", got, err)
	}
	// What was taken off the list leaves no text.
	if err := c.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO contractslocal_contract(space, deleted) VALUES(?, 1)`, two[:])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := c.sweepShelf(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := c.searchTexts(t.Context(), "租赁"); err != nil || len(got) != 0 {
		t.Errorf("what was deleted is found: %v %v", got, err)
	}
	if got, err := c.searchTexts(t.Context(), "一份"); err != nil || len(got) != 1 {
		t.Errorf("the other one is lost: %v %v", got, err)
	}
}
