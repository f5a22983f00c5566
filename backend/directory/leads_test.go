package directory_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory"
	"roundtable/backend/errcode"
	"roundtable/backend/eventlog"
	"roundtable/backend/space"
	"roundtable/backend/testspace"
)

func hidden(field, level string, values ...string) *v1.HiddenField {
	return &v1.HiddenField{Field: field, Level: level, Values: values}
}

// sees is what a card shows of a hidden field; "closed" where this device cannot open it, "" where nothing is hidden.
func (d desk) sees(record, field string) string {
	for _, f := range d.card("rec_" + record).Hidden {
		if f.Field == field && !f.Open {
			return "closed"
		}
		if f.Field == field && len(f.Values) > 0 {
			return f.Values[0]
		}
	}
	return ""
}

// staff writes a record for somebody who is a member.
func (d desk) staff(name, in string, lead bool) string {
	d.t.Helper()
	return d.record(&v1.SaveRecordRequest{Name: text(name), PersonId: d.o.As(name).Person().String(),
		Posts: &v1.PostsIn{Posts: []*v1.Post{post(in, "", lead)}}}).RecordId
}

func (d desk) leads(record, in string, lead bool) {
	d.t.Helper()
	d.record(&v1.SaveRecordRequest{Id: record, Posts: &v1.PostsIn{Posts: []*v1.Post{post(in, "", lead)}}})
}

// What leads alone see opens at their devices and at administrators', follows who leads, and lies open in nobody's tables.
func TestLeadsSeeWhatIsHidden(t *testing.T) {
	o := testspace.New(t, 79)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen", "zhao", "sun")
	o.Settles()
	li, wang, chen, zhao, sun := at(t, o, "li"), at(t, o, "wang"), at(t, o, "chen"), at(t, o, "zhao"), at(t, o, "sun")
	sales := li.department("销售部", "")
	east := li.department("华东", sales)
	lab := li.department("研发部", "")
	lead := li.staff("wang", sales, true)
	next := li.staff("zhao", east, false)
	li.staff("sun", lab, true)
	record := li.record(&v1.SaveRecordRequest{Name: text("陈思远"), PersonId: chen.Person().String(), Posts: &v1.PostsIn{Posts: []*v1.Post{post(east, "", false)}},
		Reach: &v1.ReachIn{Phones: []string{"139-0000-7777"}, Email: "chen@example.org"}, Note: text("试用期")}).RecordId
	o.Settles()
	o.Eventually("it is open", func() bool { c := zhao.card("rec_" + record); return len(c.Phones) == 1 && c.Email != "" })

	li.record(&v1.SaveRecordRequest{Id: record, Hidden: []*v1.HiddenField{
		hidden("phones", "leads", "139-0000-8888"), hidden("email", "administrators", "private@example.org"), hidden("note", "leads", "薪级 七"),
	}})
	o.Settles()
	o.Eventually("the lead of the department above opens it", func() bool {
		return wang.sees(record, "phones") == "139-0000-8888" && wang.sees(record, "note") == "薪级 七"
	})
	if got := wang.sees(record, "email"); got != "closed" {
		t.Errorf("a lead reads what administrators see: %q", got)
	}
	if c := li.card("rec_" + record); len(c.Hidden) != 3 || !c.Hidden[1].Open || c.Hidden[1].Values[0] != "private@example.org" || !c.CanHide {
		t.Errorf("%+v", c)
	}
	for _, d := range []desk{chen, zhao, sun} {
		o.Eventually("it is closed", func() bool { return d.sees(record, "phones") == "closed" && d.sees(record, "note") == "closed" })
		if c := d.card("rec_" + record); len(c.Phones)+len(c.Email)+len(c.Note) > 0 || c.CanHide {
			t.Errorf("%s: %+v", d.Name, c)
		}
	}
	for _, d := range []desk{li, zhao} {
		for _, word := range []string{"139-0000-8888", "private@example.org", "薪级 七"} {
			if d.holds("directory_said", word) || d.holds("directory_keys", word) {
				t.Errorf("%s: %s lies open", d.Name, word)
			}
		}
	}
	if err := li.tries(&v1.SaveRecordRequest{Id: record, Reach: &v1.ReachIn{Phones: []string{"1"}}}); !errors.Is(err, errcode.FieldHidden) {
		t.Errorf("an open text into a hidden field: %v", err)
	}

	// A record that begins with something hidden.
	fresh := li.record(&v1.SaveRecordRequest{Name: text("吴用"), Posts: &v1.PostsIn{Posts: []*v1.Post{post(east, "", false)}}, Hidden: []*v1.HiddenField{hidden("place", "leads", "三楼")}}).RecordId
	o.Settles()
	o.Eventually("its lead opens it", func() bool { return wang.sees(fresh, "place") == "三楼" && zhao.sees(fresh, "place") == "closed" })

	// Another one leads: reads what stands there; who led keeps that and gets nothing newer.
	li.leads(lead, sales, false)
	li.leads(next, east, true)
	o.Settles()
	o.Eventually("the new lead opens it", func() bool { return zhao.sees(record, "phones") == "139-0000-8888" })
	if got := wang.sees(record, "phones"); got != "139-0000-8888" {
		t.Errorf("what was opened once is %q", got)
	}
	li.record(&v1.SaveRecordRequest{Id: record, Hidden: []*v1.HiddenField{hidden("phones", "leads", "139-0000-9999")}})
	o.Settles()
	o.Eventually("the new lead opens what is new", func() bool { return zhao.sees(record, "phones") == "139-0000-9999" })
	o.Eventually("the old one does not", func() bool { return wang.sees(record, "phones") == "closed" })

	// The person moves to another department: its lead opens it, too.
	li.leads(record, lab, false)
	o.Settles()
	o.Eventually("the lead of the new department opens it", func() bool {
		return sun.sees(record, "phones") == "139-0000-9999" && sun.sees(record, "note") == "薪级 七"
	})

	// A department is gone: its people count to the one above, but who led it does not lead that one.
	if _, err := li.Door().RemoveDepartment(context.Background(), &v1.RemoveDepartmentRequest{WorkspaceId: o.Workspace.String(), Id: east}); err != nil {
		t.Fatal(err)
	}
	li.record(&v1.SaveRecordRequest{Id: fresh, Hidden: []*v1.HiddenField{hidden("place", "leads", "四楼")}})
	o.Settles()
	o.Eventually("its lead is none any more", func() bool { return zhao.sees(fresh, "place") == "closed" })

	// Open again.
	li.record(&v1.SaveRecordRequest{Id: record, Hidden: []*v1.HiddenField{hidden("phones", "everybody")}, Reach: &v1.ReachIn{Phones: []string{"139-0000-6666"}}})
	o.Settles()
	o.Eventually("everybody sees it", func() bool {
		c := zhao.card("rec_" + record)
		return len(c.Phones) == 1 && c.Phones[0] == "139-0000-6666"
	})
	changes, err := li.Door().Changes(context.Background(), &v1.ChangesRequest{WorkspaceId: o.Workspace.String(), Query: "陈思远"})
	if !slices.ContainsFunc(must(t, changes, err).Changes, func(c *v1.DirectoryChange) bool {
		return slices.ContainsFunc(c.Fields, func(f *v1.FieldChange) bool { return f.Field == "phones" && f.Level == "leads" && f.After == "" })
	}) {
		t.Errorf("the list of changes does not say it: %v", changes.Changes)
	}
}

// holds looks for bytes in the bodies of a table of this desk.
func (d desk) holds(table, word string) bool {
	d.t.Helper()
	rows, err := d.DB.Read().Query(`SELECT body FROM ` + table)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			d.t.Fatal(err)
		}
		if bytes.Contains(body, []byte(word)) {
			return true
		}
	}
	return false
}

// appends writes events that no door would.
func (d desk) appends(kind string, body any) {
	d.t.Helper()
	if _, err := d.Log.Append(context.Background(), d.o.Workspace, eventlog.Draft{Kind: map[string]eventlog.Draft{
		"changed": {Kind: directory.Changed}, "hidden_changed": {Kind: directory.HiddenChanged}, "keys_given": {Kind: directory.KeysGiven},
	}[kind].Kind, Body: body}); err != nil {
		d.t.Fatal(err)
	}
}

// Members who say what is hidden, hand out keys of their own, or were administrators once: nothing is sealed for them.
func TestNobodyElseHandsOutKeys(t *testing.T) {
	o := testspace.New(t, 80)
	o.Founds("li", "远山")
	o.Admits("li", "wang", "chen")
	o.SetsRole("li", "chen", space.Admin)
	o.Settles()
	li, wang, chen := at(t, o, "li"), at(t, o, "wang"), at(t, o, "chen")
	sales := li.department("销售部", "")
	record := li.staff("wang", sales, false)
	o.Settles()
	o.Eventually("chen has the record", func() bool { return chen.card("rec_"+record).RecordId == record })
	chen.record(&v1.SaveRecordRequest{Id: record, Hidden: []*v1.HiddenField{hidden("phones", "leads", "111")}, Private: text("一")})
	o.Settles()
	o.Eventually("li opens what chen sealed", func() bool { return li.sees(record, "phones") == "111" && li.card("rec_"+record).Private == "一" })

	id, err := li.Door().Person(context.Background(), &v1.CardRequest{WorkspaceId: o.Workspace.String(), Key: "rec_" + record})
	raw := unhex(t, must(t, id, err).RecordId)
	for _, level := range []int{0, 1} {
		veil := m{1: 1, 2: level, 3: id16(""), 4: nil}
		delete(veil, 4)
		if level == 1 {
			veil[3], veil[4] = id16("key"), []byte{1}
		}
		wang.appends("hidden_changed", m{1: id16("b"), 2: 1, 6: []m{{1: raw, 2: []m{veil}}}})
	}
	wang.appends("keys_given", m{1: []m{{1: id16("key"), 2: unhex(t, sales), 3: []m{{1: li.ID(), 2: []byte{1}}}}}})
	wang.appends("keys_given", m{2: []m{{1: id16("key"), 2: id16("other"), 3: []byte{1}}}})
	o.SetsRole("li", "chen", space.Member)
	o.Settles()
	o.Eventually("chen is no administrator", func() bool { return !chen.card("rec_" + record).CanHide })
	if got := li.sees(record, "phones"); got != "111" {
		t.Errorf("a member's word counts: %q", got)
	}
	if got := chen.sees(record, "phones"); got != "111" {
		t.Errorf("what chen could open once is %q", got)
	}
	li.record(&v1.SaveRecordRequest{Id: record, Hidden: []*v1.HiddenField{hidden("phones", "leads", "222")}, Private: text("二")})
	o.Settles()
	o.Eventually("chen gets nothing newer", func() bool { return chen.sees(record, "phones") == "closed" && chen.card("rec_"+record).Private == "" })
	if li.sees(record, "phones") != "222" || wang.sees(record, "phones") != "closed" {
		t.Errorf("li %q, wang %q", li.sees(record, "phones"), wang.sees(record, "phones"))
	}
}
