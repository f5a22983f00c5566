package seed

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
)

// perCentre is how many teams one centre has: a tree of branch, centre and team.
const perCentre = 12

// Paths gives departments as an import names them, from the top down ("上海分公司/财务中心/财务3组"), each a team. With the
// branches and centres above them there are n in all.
func Paths(n int) (out []string) {
	for i, left := 0, n; left > 0; i++ {
		place, unit := places[i%len(places)], units[i/len(places)%len(units)]
		if i < len(places) {
			if left--; left == 0 { // the branch alone
				return append(out, place+"分公司")
			}
		}
		centre := fmt.Sprintf("%s分公司/%s中心", place, unit)
		if again := i / (len(places) * len(units)); again > 0 {
			centre += fmt.Sprint(again + 1)
		}
		if left--; left <= 0 {
			return append(out, centre)
		}
		for team := 1; team <= perCentre && left > 0; team++ {
			out = append(out, fmt.Sprintf("%s/%s%d组", centre, unit, team))
			left--
		}
	}
	return out
}

// Sheet is a file with so many people in so many departments, as an office would import it: CSV in UTF-8 with a line of
// heads. Each team has somebody who leads it, whom the others report to; every fiftieth works in two teams. The same
// sizes give the same file.
func Sheet(people, departments int) []byte {
	r := rand.New(rand.NewPCG(13, uint64(people)))
	in := Paths(departments)
	all := People(people, departments)
	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{{"工号", "姓名", "部门", "职务", "负责人", "手机", "邮箱", "办公地点", "上级", "备注"}}
	for i, p := range all {
		path, title, lead, manager, note := in[i%len(in)], p.Title, "否", all[i%len(in)].Number, ""
		switch {
		case i < len(in): // the first of each team
			lead, manager = "是", all[i/perCentre/2].Number
			if i/perCentre/2 == i {
				manager = ""
			}
		case i%50 == 0:
			path, title, lead = path+"; "+in[(i+7)%len(in)], title+"; "+pick(r, titles), "否; 否"
		}
		if i%200 == 3 {
			note = "Speaks English and Chinese 中英双语"
		}
		rows = append(rows, []string{p.Number, p.Name, path, title, lead, p.Phone, p.Email, fmt.Sprintf("%s %d 楼 %d", pick(r, places), 1+r.IntN(30), 100+r.IntN(800)), manager, note})
	}
	_ = w.WriteAll(rows) // into memory
	return []byte(b.String())
}
