package fsck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"roundtable/app"
	"roundtable/app/config"
	"roundtable/backend/errcode"
)

// Exit codes.
const (
	Sound       = 0
	Found       = 1
	CannotCheck = 2
)

// sentences by code: Chinese, English.
var sentences = map[string][2]string{
	"database_missing":    {"数据库不见了", "the database is missing"},
	"database_corrupt":    {"数据库已损坏，无法通读；启动圆桌后可从同事处修复", "the database is damaged and does not read through; start Roundtable to repair it from colleagues"},
	"database_page":       {"数据库中有损坏的页或索引", "a page or index of the database is damaged"},
	"log_bytes":           {"记录不完整，或不属于这个位置", "a record is broken, or belongs to another place"},
	"log_chain":           {"记录与前一条不衔接", "a record does not follow the one before it"},
	"log_signature":       {"签名不成立", "a signature does not verify"},
	"log_head":            {"记下的末尾与实际存储不符", "the noted end of a feed is not where it ends"},
	"log_sequence":        {"序号有缺失或重复", "a sequence number is missing or doubled"},
	"log_key":             {"有效的记录打不开，或密钥不符", "a record that counts does not open, or a key is not the one it is named as"},
	"log_aside":           {"被搁置的记录与成员状态不符", "what counts and what is set aside does not agree with who may write"},
	"log_state":           {"无法得出空间的成员状态", "the members of a space cannot be worked out"},
	"projection_failed":   {"无法由日志重建", "it cannot be rebuilt from the log"},
	"projection_rows":     {"与由日志重建的结果不同", "it is not what a rebuild from the log makes"},
	"identity_unreadable": {"身份文件无法读取", "the identity file does not read"},
	"identity_missing":    {"身份文件不见了", "the identity file is missing"},
	"keys_unreadable":     {"密钥文件无法读取", "the key file does not read"},
	"keys_missing":        {"密钥文件不见了", "the key file is missing"},
	"keys_foreign":        {"密钥不属于这个身份", "the keys do not belong to this identity"},
	"piece_damaged":       {"附件的一部分已损坏；下次打开时会重新获取", "a part of an attachment is damaged; it is fetched again when it is opened next"},
	"pieces_unreadable":   {"附件文件夹无法读取", "the folder of attachments does not read"},
	"mode_open":           {"其他用户也能访问这个文件", "other users of this computer can get at this file"},
}

func say(l config.Language, zh, en string, values ...any) string {
	if l == config.Chinese {
		return fmt.Sprintf(zh, values...)
	}
	return fmt.Sprintf(en, values...)
}

// Main runs the program and gives its exit code.
func Main(arguments []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	c, err := config.ParseCheck("roundtable-fsck", arguments, stdout)
	if err == nil {
		switch {
		case c.Help:
			return Sound
		case c.Version:
			fmt.Fprintln(stdout, config.Version())
			return Sound
		}
		var report Report
		if report, err = Check(ctx, c.Profile, Options{Every: c.All}); err == nil {
			return Tell(stdout, c.Language, c.Profile, report)
		}
	}
	fmt.Fprintf(stderr, "%s\n(%v)\n", why(c.Language, err), err)
	return CannotCheck
}

func why(l config.Language, err error) string {
	switch {
	case errors.Is(err, config.ErrUsage), errors.Is(err, errcode.ProfileInUse), errors.Is(err, errcode.DiskFull):
		sentence, _ := config.Sentence(l, err)
		return sentence
	case errors.Is(err, app.ErrNoProfile):
		return say(l, "这个文件夹里没有圆桌资料。", "There is no Roundtable profile in this folder.")
	}
	return say(l, "无法检查这个资料夹。", "This profile cannot be checked.")
}

// Tell prints a report and gives the exit code.
func Tell(w io.Writer, l config.Language, profile string, r Report) int {
	for _, f := range r.Findings {
		s := sentences[f.Code]
		sentence := s[1]
		if l == config.Chinese {
			sentence = s[0]
		}
		fmt.Fprintf(w, "✗ [%s] %s: %s", f.Code, sentence, f.Where)
		if f.Detail != "" {
			fmt.Fprintf(w, " (%s)", f.Detail)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, say(l, "%s：%d 个空间，%d 条记录流，%d 条有效记录，%d 条搁置",
		"%s: %d spaces, %d feeds, %d records that count, %d set aside", profile, r.Spaces, r.Feeds, r.Counting, r.Aside))
	if len(r.Findings) == 0 {
		fmt.Fprintln(w, say(l, "没有发现问题。", "Nothing is wrong."))
		return Sound
	}
	fmt.Fprintln(w, say(l, "发现 %d 个问题。", "%d findings.", len(r.Findings)))
	return Found
}
