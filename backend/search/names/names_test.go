package names_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"roundtable/backend/search/names"
)

// people are names as an office has them.
var people = []string{
	"张三", "张珊", "章子怡", "李卓然", "李明", "黎明", "单雄信", "曾国藩", "仇英", "解缙", "区志航", "查良镛", "盖叫天", "乐嘉", "朴树", "尉迟恭",
	"万俟卨", "澹台灭明", "吕布", "女娲", "欧阳娜娜", "诸葛亮", "王小二", "陈佳怡", "刘德华", "赵长生", "孙行者", "周重林", "吴𬭎", "郑成功",
	"Anna Novák", "John Smith", "Jean-Luc O’Brien", "Ana Maria Müller", "Nguyễn Văn An", "Søren Łukasz", "李雷 (Leo Li)", "한지민", "Иван Петров", "田中さくら",
}

func TestFinds(t *testing.T) {
	var x names.Index[string]
	for _, n := range people {
		x.Put(n, names.Entry{Names: []string{n}})
	}
	for question, want := range map[string]string{
		"张三": "张三", "三": "张三", "张": "张三 张珊", "zhangsan": "张三", "zhang san": "张三", "ZhangSan": "张三", "zhangs": "张三 张珊 赵长生", "zs": "张三 张珊 赵长生",
		"zhs": "张三 张珊 赵长生", "z三": "张三", "zsan": "张三", "张s": "张三 张珊", "san": "张三", "zzy": "章子怡", "zhangziyi": "章子怡", "lzr": "李卓然", "lizhuor": "李卓然",
		"liming": "李明 黎明", "lm": "李明 黎明", "shan": "单雄信 澹台灭明 孙行者 张珊", "danxiongxin": "单雄信", "sxx": "单雄信", "dxx": "单雄信", "zeng": "曾国藩", "ceng": "曾国藩",
		"zgf": "曾国藩", "qiuying": "仇英", "chouying": "仇英", "xiejin": "解缙", "jiejin": "解缙", "ouzh": "区志航", "quzh": "区志航", "zhaliang": "查良镛", "chaliang": "查良镛",
		"gejiao": "盖叫天", "gaijiao": "盖叫天", "yuejia": "乐嘉", "lejia": "乐嘉", "piaoshu": "朴树", "pushu": "朴树", "yuchi": "尉迟恭", "weichi": "尉迟恭", "moqi": "万俟卨",
		"tantai": "澹台灭明", "lvbu": "吕布", "lubu": "吕布", "lyubu": "吕布", "lübu": "吕布", "nvwa": "女娲", "oynn": "欧阳娜娜", "ouyangnn": "欧阳娜娜", "zgl": "诸葛亮",
		"wxe": "王小二", "cjy": "陈佳怡", "ldh": "刘德华", "dehua": "刘德华", "zhaochang": "赵长生", "zhaozhang": "赵长生", "sunhang": "孙行者", "sunxing": "孙行者", "zhouchong": "周重林",
		"wuhong": "吴𬭎", "𬭎": "吴𬭎", "zcg": "郑成功", "ann": "Anna Novák", "nov": "Anna Novák", "NOVÁK": "Anna Novák", "anov": "Anna Novák",
		"anna n": "Anna Novák", "novak anna": "Anna Novák", "smi": "John Smith 澹台灭明", "js": "John Smith", "smith john": "John Smith", "obrien": "Jean-Luc O’Brien", "o'b": "Jean-Luc O’Brien",
		"jean luc": "Jean-Luc O’Brien", "muller": "Ana Maria Müller", "nguyen": "Nguyễn Văn An", "soren": "Søren Łukasz", "luk": "Søren Łukasz", "leo": "李雷 (Leo Li)", "lilei": "李雷 (Leo Li)",
		"李雷 leo": "李雷 (Leo Li)", "한지": "한지민", "петр": "Иван Петров", "田中": "田中さくら", "さく": "田中さくら", "ｚｈａｎｇｓａｎ": "张三",
		"": "", " ": "", "!": "", "zhangsi": "", "mith": "", "三张x": "", "hangsan": "", "qzx": "",
	} {
		var got []string
		for _, h := range x.Find(question, 0, nil) {
			got = append(got, h.Key)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %v, not %s", question, got, want)
		}
	}
}

func TestReadings(t *testing.T) {
	for name, want := range map[string]names.Keys{
		"单雄信": {"shanxiongxin", "sxx"}, "曾国藩": {"zengguofan", "zgf"}, "仇英": {"qiuying", "qy"}, "解缙": {"xiejin", "xj"}, "欧阳": {"ouyang", "oy"}, "吕布": {"lvbu", "lb"},
		"尉迟恭": {"yuchigong", "ycg"}, "李单": {"lidan", "ld"}, "Anna Novák": {"annanovak", "an"}, "": {},
	} {
		if got := names.KeysOf(name); got != want {
			t.Errorf("%s: %v, not %v", name, got, want)
		}
	}
	sorted := []string{"曾国藩", "Novák", "李明", "张三", "单雄信", "Anna", "黎明"}
	slices.SortFunc(sorted, func(a, b string) int { return strings.Compare(names.SortKey(a), names.SortKey(b)) })
	if got, want := strings.Join(sorted, " "), "Anna 李明 黎明 Novák 单雄信 曾国藩 张三"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestOtherThanNames(t *testing.T) {
	var x names.Index[int]
	x.Put(1, names.Entry{Names: []string{"张伟", "David Zhang"}, Numbers: []string{"+86 138-0013-8000", "RT00123"}, Words: []string{"david.zhang@example.org"}, Places: []string{"财务部", "Senior Accountant"}})
	x.Put(2, names.Entry{Names: []string{"张伟"}, Numbers: []string{"RT00124"}, Places: []string{"市场部 Marketing"}})
	finds := func(question string, want ...int) {
		t.Helper()
		var got []int
		for _, h := range x.Find(question, 0, nil) {
			got = append(got, h.Key)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, not %v", question, got, want)
		}
	}
	finds("zw", 1, 2)
	finds("138", 1)
	finds("86138", 1)
	finds("13800138000", 1)
	finds("8000", 1)
	finds("800") // the middle of a number wants four signs
	finds("rt001", 1, 2)
	finds("RT00124", 2)
	finds("财务", 1)
	finds("cwb", 1)
	finds("accountant", 1)
	finds("市场", 2)
	finds("张 市场", 2)
	finds("marketing zhang", 2)
	finds("张 财务 138", 1)
	finds("david", 1)
	finds("张 采购")
	x.Put(2, names.Entry{Names: []string{"李伟"}, Places: []string{"财务部"}})
	finds("市场")
	finds("财务", 1, 2)
	finds("zw", 1)
	x.Delete(1)
	x.Delete(1)
	finds("财务", 2)
	finds("accountant")
	if x.Len() != 1 {
		t.Error(x.Len())
	}
}

func TestOrder(t *testing.T) {
	var x names.Index[string]
	for _, n := range []string{"张一", "王张", "张", "张一鸣", "曾一", "单一", "山一"} {
		x.Put(n, names.Entry{Names: []string{n}})
	}
	all := func(question string, near ...string) string {
		var got []string
		for _, h := range x.Find(question, 0, func(k string) int { return len(near) - slices.Index(append(slices.Clone(near), k), k) }) {
			got = append(got, h.Key)
		}
		return strings.Join(got, " ")
	}
	for _, c := range []struct{ question, want, near string }{
		{"张", "张 张一 张一鸣 王张", ""},
		{"zhang", "张 张一 张一鸣 王张", ""},
		{"张", "张 王张 张一 张一鸣", "王张"}, // what one has chosen goes before a better rank, not before all of a name
		{"zy", "曾一 张一 张一鸣", ""},
		{"zy", "张一鸣 张一 曾一", "张一鸣 张一"},
		{"dan", "单一", ""},
		{"shanyi", "单一 山一", ""},
	} {
		if got := all(c.question, strings.Fields(c.near)...); got != c.want {
			t.Errorf("%s: %s, not %s", c.question, got, c.want)
		}
	}
	if n := len(x.Find("一", 2, nil)); n != 2 {
		t.Error("the limit does not hold", n)
	}
}

func TestSpans(t *testing.T) {
	for _, c := range []struct{ name, question, want string }{
		{"张三丰", "zs", "[张三]丰"}, {"张三丰", "sf", "张[三丰]"}, {"张三丰", "丰", "张三[丰]"}, {"Anna Novák", "nov", "Anna [Nov]ák"}, {"Anna Novák", "an", "[An]na Novák"},
		{"John Smith", "js", "[J]ohn [S]mith"}, {"John Smith", "smith jo", "[Jo]hn [Smith]"}, {"李雷 (Leo Li)", "leo", "李雷 ([Leo] Li)"}, {"John Smith", "johns", "[John] [S]mith"},
	} {
		_, spans, ok := names.Match(c.name, c.question)
		runes, at, got := []rune(c.name), 0, ""
		for _, s := range spans {
			got += string(runes[at:s.Start]) + "[" + string(runes[s.Start:s.End]) + "]"
			at = s.End
		}
		if got += string(runes[at:]); !ok || got != c.want {
			t.Errorf("%s in %s: %s, not %s", c.question, c.name, got, c.want)
		}
	}
}

// A long text is found by what stands in it, as it is written.
func TestTexts(t *testing.T) {
	var x names.Index[int]
	x.Put(1, names.Entry{Names: []string{"陈思远"}, Texts: []string{"薪级 七；试用期 到 2026-12，Probation ends\n" + strings.Repeat("长", 100) + "门卡 42"}})
	x.Put(2, names.Entry{Names: []string{"王敏"}, Texts: []string{"试 用"}})
	for question, want := range map[string]int{"试用": 2, "试用期": 1, "试用 wm": 1, "probation": 1, "robat": 1, "门卡42": 1, "级七": 1, "期": 0, "s": 1, "shiyong": 0, "syq": 0} {
		if got := x.Find(question, 0, nil); len(got) != want {
			t.Errorf("%s: %+v", question, got)
		}
	}
	if got := x.Find("试用", 0, nil); got[0].Rank != names.Other || got[0].Name != -1 || got[0].Spans != nil {
		t.Errorf("%+v", got[0])
	}
	x.Put(1, names.Entry{Names: []string{"陈思远"}})
	if got := x.Find("试用期", 0, nil); len(got) != 0 {
		t.Errorf("%+v: what stands there no more", got)
	}
}

func FuzzFind(f *testing.F) {
	for _, n := range people {
		f.Add(n, "zs")
	}
	f.Add("a a a a a a a a a a a a", strings.Repeat("a", 80))
	f.Add("\xff张", "\xff")
	f.Fuzz(func(t *testing.T, name, question string) {
		if len(name)+len(question) > 2000 {
			return
		}
		var x names.Index[int]
		x.Put(1, names.Entry{Names: []string{name, question}, Numbers: []string{name}, Words: []string{name}, Places: []string{name}, Texts: []string{name}})
		for _, h := range x.Find(question, 0, nil) {
			at := 0
			for _, s := range h.Spans {
				if written := []string{name, question}[h.Name]; s.Start < 0 || s.End < s.Start || s.End > utf8.RuneCountInString(written) {
					t.Fatal(h, at)
				}
			}
		}
		names.SortKey(name)
		names.KeysOf(name)
		x.Delete(1)
	})
}

// BenchmarkFind asks 30,000 people what somebody types, sign by sign.
func BenchmarkFind(b *testing.B) {
	surnames, given := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗曾单仇解"), []rune("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂嘉子轩雨欣梓涵")
	var x names.Index[int]
	for i := range 30_000 {
		x.Put(i, names.Entry{
			Names:   []string{string([]rune{surnames[i%len(surnames)], given[i/7%len(given)], given[i/211%len(given)]}), fmt.Sprintf("Anna%d Novak", i%50)},
			Numbers: []string{fmt.Sprintf("+86 138%08d", i*3301), fmt.Sprintf("RT%05d", i)}, Places: []string{fmt.Sprintf("第%d事业部", i%2000), "工程师"},
		})
	}
	for _, question := range []string{"z", "zh", "zhang", "zhangwei", "zw", "张", "zhang 事业", "138", "nov", "zzz", "e"} {
		b.Run(question, func(b *testing.B) {
			for b.Loop() {
				x.Find(question, 50, nil)
			}
		})
	}
}

func TestFindAmong(t *testing.T) {
	var x names.Index[int]
	for i, name := range []string{"张伟", "张敏", "张强", "王芳"} {
		x.Put(i, names.Entry{Names: []string{name}})
	}
	got := x.FindAmong("zhang", 1, func(i int) bool { return i == 2 || i == 3 }, nil)
	if len(got) != 1 || got[0].Key != 2 {
		t.Errorf("%+v: the bound counts those among whom it looks", got)
	}
	got = x.FindAmong("zhang", 0, func(i int) bool { return i > 0 }, func(i int) int { return i - 1 })
	if len(got) != 2 || got[0].Key != 2 {
		t.Errorf("%+v: who is near does not come first", got)
	}
	var sorter names.Sorter
	for _, name := range []string{"曾敏", "张伟", "曾敏", "Novák"} {
		if k := sorter.Key(name); k != names.SortKey(name) {
			t.Errorf("%q", k)
		}
	}
}
