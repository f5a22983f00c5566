package names

import (
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// surnames are characters that are read in another way as a surname than the dictionary puts first. From the usual lists of
// surnames that are misread (多音字姓氏).
var surnames = map[rune]string{
	'单': "shan", '單': "shan", '曾': "zeng", '仇': "qiu", '解': "xie", '区': "ou", '區': "ou", '查': "zha", '盖': "ge", '蓋': "ge",
	'乐': "yue", '樂': "yue", '朴': "piao", '覃': "qin", '翟': "zhai", '缪': "miao", '繆': "miao", '折': "she", '黑': "he",
	'秘': "bi", '种': "chong", '召': "shao", '繁': "po", '员': "yun", '員': "yun", '薄': "bo", '都': "du", '洗': "xian",
	'隗': "wei", '么': "yao", '重': "chong", '祭': "zhai", '句': "gou", '阚': "kan", '柜': "ju", '郇': "xun", '佴': "nai",
}

// compounds are surnames of two characters with other readings than their characters have alone.
var compounds = map[string][2]string{
	"尉迟": {"yu", "chi"}, "尉遲": {"yu", "chi"}, "万俟": {"mo", "qi"}, "萬俟": {"mo", "qi"}, "澹台": {"tan", "tai"}, "澹臺": {"tan", "tai"},
	"单于": {"chan", "yu"}, "單于": {"chan", "yu"}, "乐正": {"yue", "zheng"}, "樂正": {"yue", "zheng"},
}

// reader knows how characters are read and folded, and remembers it.
type reader struct {
	known  map[rune][]string
	folded map[rune]string
}

// fold is fold of one character: working it out for each letter of 30,000 names takes longer than all else.
func (d *reader) fold(r rune) string {
	out, ok := d.folded[r]
	if !ok {
		out = fold(string(r))
		if d.folded == nil {
			d.folded = map[rune]string{}
		}
		d.folded[r] = out
	}
	return out
}

// read gives the readings of a character without tones, the usual one first; none when it has none.
func (d *reader) read(r rune) []string {
	if all, ok := d.known[r]; ok {
		return all
	}
	args := pinyin.NewArgs()
	args.Heteronym = true
	var all []string
	for _, one := range pinyin.SinglePinyin(r, args) {
		all = add(all, spellings(one)...)
	}
	if d.known == nil {
		d.known = map[rune][]string{}
	}
	d.known[r] = all
	return all
}

// spellings gives the ways in which a syllable is typed: ü is v on keyboards, u on some, and yu in passports.
func spellings(one string) []string {
	if !strings.HasSuffix(strings.TrimSuffix(one, "e"), "v") {
		return []string{one}
	}
	return []string{one, strings.Replace(one, "v", "u", 1), strings.Replace(one, "v", "yu", 1)}
}

// surname gives the readings of the first characters of a name with those of surnames first: of one character, or of two.
func (d *reader) surname(first, second rune) (readings [2][]string) {
	readings[0] = d.read(first)
	if two, ok := compounds[string([]rune{first, second})]; ok {
		return [2][]string{add([]string{two[0]}, readings[0]...), add([]string{two[1]}, d.read(second)...)}
	}
	if one, ok := surnames[first]; ok && (len(readings[0]) == 0 || readings[0][0] != one) {
		readings[0] = add([]string{one}, readings[0]...)
	}
	return readings
}

// add appends what is not there yet.
func add(all []string, more ...string) []string {
	for _, one := range more {
		if one != "" && !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	return all
}
