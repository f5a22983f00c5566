// Package seed makes up an organisation in two languages: people and what they write to each other. The same seed gives the
// same, so that figures and pictures can be compared.
package seed

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Person is somebody in it.
type Person struct {
	Name, English, Number, Phone, Email, Department, Title string
}

const (
	surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤单仇解区查盖"
	given    = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建国华玉红志梅海燕鑫林宇浩然子轩雨欣梓涵诗琪俊凯佳怡卓博思远晓东春雪婷慧"
)

var (
	english = strings.Fields("Anna Ben Carla David Emma Felix Grace Henry Ivy Jack Karen Leo Maria Noah Olivia Peter Quinn Rosa Sam Tina Ulrich Vera Walter Xenia Yara Zoe")
	last    = strings.Fields("Adams Brown Clark Davies Evans Fischer Garcia Hill Ito Jones Keller Lopez Moore Novák Olsen Patel Rossi Smith Tanaka Weber Young")
	units   = strings.Fields("采购 财务 人事 法务 市场 销售 研发 质量 生产 物流 行政 信息 工程 设计 客服 安全")
	places  = strings.Fields("上海 北京 深圳 广州 成都 杭州 武汉 西安 南京 苏州")
	titles  = strings.Fields("经理 主管 工程师 专员 总监 助理 顾问 设计师 会计 律师")
	chinese = strings.Fields("采购合同 会议纪要 施工图纸 付款申请 质量报告 项目进度 供应商名单 发票 预算 客户反馈 样品 验收单 交付日期 设备清单 安全检查 培训安排 出差申请 合作协议 报价单 库存")
	verbs   = strings.Fields("请确认 已经更新 麻烦审批 明天交付 需要补充 下周讨论 已经签好 还差一份 请尽快回复 我来整理 已发给客户 今天下午开会看")
	things  = strings.Fields("contract invoice schedule drawing budget forecast shipment prototype warranty proposal checklist payment supplier delivery roadmap audit training inventory quotation agreement")
	says    = []string{"please review the %s before Friday", "the %s is approved", "can you send me the latest %s", "we need one more signature on the %s", "the %s moved to next week", "let us discuss the %s in the meeting", "I updated the %s, see the attached notes", "who owns the %s now?"}
)

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// Departments gives names of so many of them.
func Departments(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%s%s%d部", places[i%len(places)], units[i/len(places)%len(units)], 1+i/(len(places)*len(units))))
	}
	return out
}

// People gives so many people in so many departments.
func People(n, departments int) []Person {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	in := Departments(departments)
	first, second := []rune(surnames), []rune(given)
	out := make([]Person, n)
	for i := range out {
		name := string([]rune{pick(r, first), pick(r, second)})
		if r.IntN(4) > 0 {
			name += string(pick(r, second))
		}
		p := Person{
			Name: name, English: pick(r, english) + " " + pick(r, last), Number: fmt.Sprintf("RT%05d", i+1), Phone: fmt.Sprintf("+86 13%09d", r.IntN(1_000_000_000)),
			Email: fmt.Sprintf("p%05d@example.org", i+1), Department: in[i%len(in)], Title: pick(r, titles),
		}
		if r.IntN(10) == 0 {
			p.Name, p.English = p.English, ""
		}
		out[i] = p
	}
	return out
}

// Text gives what somebody writes, in Chinese, English, or both. n makes each a little different.
func Text(r *rand.Rand, n int) string {
	zh := fmt.Sprintf("%s的%s，%s。", pick(r, places), pick(r, chinese), pick(r, verbs))
	en := fmt.Sprintf(pick(r, says), pick(r, things))
	switch r.IntN(10) {
	case 0, 1, 2:
		return fmt.Sprintf("%s (No. %d)", en, n)
	case 3:
		return zh + en
	}
	return fmt.Sprintf("%s编号 %d", zh, n)
}

// Words are what somebody looks for in such texts: Chinese ones of two characters, and English ones.
func Words() (zh2, en []string) {
	zh2 = append(zh2, places...)
	for _, w := range chinese {
		zh2 = append(zh2, string([]rune(w)[:2]))
	}
	return zh2, things
}

// Questions are what somebody types to find people: pinyin, initials, both mixed, characters, numbers.
func Questions() []string {
	return strings.Fields("z w li zh zhang wang liu zw lm zs zhangw liw chenj zhaol 张 王芳 李w z伟 shan zeng qiu xie ou zha anna smi novak 138 RT0012 caiwu 财务 sjs jingli wj wxy hgq yangl sunm")
}
