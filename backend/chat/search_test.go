package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/chat"
	"roundtable/backend/search"
)

// finds asks once.
func (w teller) finds(r *v1.FindMessagesRequest) *v1.FindMessagesResponse {
	w.t.Helper()
	r.WorkspaceId = w.o.Workspace.String()
	out, err := w.API().FindMessages(background, r)
	if err != nil {
		w.t.Fatalf("%s looks for %v: %v", w.Name, r, err)
	}
	return out
}

// seesFound waits until a question finds these messages and no others, newest first. What was found is in brackets.
func (w teller) seesFound(r *v1.FindMessagesRequest, want ...string) {
	w.t.Helper()
	var got, last []string
	defer func() {
		if w.t.Failed() {
			w.t.Logf("last: %q", last)
		}
	}()
	w.o.Eventually(fmt.Sprintf("%s looks for %v: %q", w.Name, r, want), func() bool {
		got = nil
		for _, m := range w.finds(r).Messages {
			text := marked(m.Excerpt, m.Marks)
			for _, f := range m.Files {
				text += " + " + marked(f.Name, f.Marks)
			}
			got = append(got, text)
		}
		if !slices.Equal(got, want) {
			last = got
		}
		return slices.Equal(got, want)
	})
}

func marked(text string, marks []int32) string {
	units := utf16.Encode([]rune(text))
	out, at := "", int32(0)
	for i := 0; i+1 < len(marks); i += 2 {
		out += string(utf16.Decode(units[at:marks[i]])) + "[" + string(utf16.Decode(units[marks[i]:marks[i+1]])) + "]"
		at = marks[i+1]
	}
	return out + string(utf16.Decode(units[at:]))
}

func TestFindsMessages(t *testing.T) {
	li, wang, _ := threeOf(t, 91)
	text := func(s string) *v1.FindMessagesRequest { return &v1.FindMessagesRequest{Text: s} }
	first := li.says(&v1.SendRequest{Text: "下周在上海开会，请看 Contract draft"})
	wang.gets(first.Text)
	wang.says(&v1.SendRequest{Text: "𠮷野家的合同在上海"})
	li.gets("𠮷野家的合同在上海")
	li.Sends(li.in, "附件", "采购合同 2026.pdf", []byte("pdf"))
	wang.seesFound(text("合同"), "附件 + 采购[合同] 2026.pdf", "𠮷野家的[合同]在上海")
	wang.seesFound(text("上海"), "𠮷野家的合同在[上海]", "下周在[上海]开会，请看 Contract draft")
	wang.seesFound(text("contr"), "下周在上海开会，请看 [Contr]act draft")
	wang.seesFound(text("上海 draft"), "下周在[上海]开会，请看 Contract [draft]")
	wang.seesFound(text("海上"))
	wang.seesFound(text("!?"))
	wang.seesFound(&v1.FindMessagesRequest{Text: "上海", PersonId: li.Person().String()}, "下周在[上海]开会，请看 Contract draft")
	wang.seesFound(&v1.FindMessagesRequest{HasFile: true}, "附件 + 采购合同 2026.pdf")
	wang.seesFound(&v1.FindMessagesRequest{Text: "合同", HasFile: true}, "附件 + 采购[合同] 2026.pdf")
	wang.seesFound(&v1.FindMessagesRequest{Text: "上海", UntilUnixMs: first.SentUnixMs})
	wang.seesFound(&v1.FindMessagesRequest{Text: "contract", FromUnixMs: first.SentUnixMs, UntilUnixMs: first.SentUnixMs + 1}, "下周在上海开会，请看 [Contract] draft")
	wang.seesFound(&v1.FindMessagesRequest{Text: "contract", FromUnixMs: first.SentUnixMs + 1})
	// What leads there is what Messages takes.
	m := wang.finds(text("contract")).Messages[0]
	page, err := wang.API().Messages(background, &v1.MessagesRequest{ConversationId: m.ConversationId, Around: m.MessageId})
	if err != nil || page.FoundId != m.MessageId {
		t.Error(page, err)
	}
	// Edited and recalled texts are found no more, here and elsewhere.
	if err := li.edits(first, "改在北京"); err != nil {
		t.Fatal(err)
	}
	wang.seesFound(text("contract"))
	wang.seesFound(text("北京"), "改在[北京]")
	if err := li.recalls(first); err != nil {
		t.Fatal(err)
	}
	li.seesFound(text("北京"))
	wang.seesFound(text("北京"))
}

func TestFindsOnlyWhereOneBelongs(t *testing.T) {
	li, wang, chen := threeOf(t, 92)
	group, err := li.API().CreateGroup(background, &v1.CreateGroupRequest{WorkspaceId: li.in.String(), Name: "小组", PersonIds: []string{wang.Person().String()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := li.API().Send(background, &v1.SendRequest{ConversationId: group.Id, Text: "保密的价格"}); err != nil {
		t.Fatal(err)
	}
	li.says(&v1.SendRequest{Text: "公开的价格"})
	wang.seesFound(&v1.FindMessagesRequest{Text: "价格"}, "公开的[价格]", "保密的[价格]")
	wang.seesFound(&v1.FindMessagesRequest{Text: "价格", ConversationId: group.Id}, "保密的[价格]")
	chen.seesFound(&v1.FindMessagesRequest{Text: "价格"}, "公开的[价格]")
	if m := wang.finds(&v1.FindMessagesRequest{Text: "价格", ConversationId: group.Id}).Messages[0]; m.ConversationName != "小组" || m.ConversationKind != v1.ConversationKind_CONVERSATION_KIND_GROUP {
		t.Error(m)
	}
	// Who left sees it no more.
	if _, err := wang.API().LeaveGroup(background, &v1.LeaveGroupRequest{ConversationId: group.Id}); err != nil {
		t.Fatal(err)
	}
	wang.seesFound(&v1.FindMessagesRequest{Text: "价格"}, "公开的[价格]")
}

func TestFindsPageByPage(t *testing.T) {
	li, _, _ := threeOf(t, 93)
	const all = 25
	for i := range all {
		li.says(&v1.SendRequest{Text: fmt.Sprintf("报告 %02d", i)})
	}
	li.o.Eventually("everything is found", func() bool { return len(li.finds(&v1.FindMessagesRequest{Text: "报告"}).Messages) == all })
	var got []string
	r := &v1.FindMessagesRequest{Text: "报告", Limit: 10}
	for {
		page := li.finds(r)
		for _, m := range page.Messages {
			got = append(got, m.Excerpt)
		}
		if r.Cursor = page.NextCursor; r.Cursor == "" {
			break
		}
	}
	if len(got) != all || got[0] != "报告 24" || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Error(got)
	}
}

func TestMarksAreUTF16(t *testing.T) {
	text, spans := search.Mark("𠮷𠮷上海", "上海", 20)
	if got := chat.Marks(text, spans); !slices.Equal(got, []int32{4, 6}) {
		t.Error(got)
	}
}
