package config

import (
	"errors"
	"os"
	"strings"

	"roundtable/backend/errcode"
)

// Language is "zh" or "en".
type Language string

const (
	Chinese Language = "zh"
	English Language = "en"
)

// SystemLanguage is the user's, as far as the system says.
func SystemLanguage() Language {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			return languageOf(value)
		}
	}
	return languageOf(systemLocale())
}

func languageOf(locale string) Language {
	if strings.HasPrefix(strings.ToLower(locale), "zh") {
		return Chinese
	}
	return English
}

// Exit codes of the programs, one for each answer a script can give.
const (
	ExitOK     = 0
	ExitFault  = 1
	ExitUsage  = 2
	ExitInUse  = 3
	ExitListen = 4
	ExitKeys   = 5
	ExitDisk   = 6
)

// ErrListen wraps the failure to open the door's port.
var ErrListen = errors.New("cannot listen")

// Sentence tells a person why the program does not start, and gives the exit code.
func Sentence(language Language, err error) (sentence string, exit int) {
	type pair struct {
		is     error
		exit   int
		zh, en string
	}
	for _, p := range []pair{
		{ErrUsage, ExitUsage, "命令行有误，用 --help 查看用法。", "The command line has a mistake; --help shows what there is."},
		{errcode.ProfileInUse, ExitInUse, "圆桌已在运行：这个资料夹正被另一个进程使用。", "Roundtable is running already: another process uses this profile."},
		{ErrListen, ExitListen, "无法打开网页端口，可能已被占用；不加 --listen 会自动选择空闲端口。", "The port for the page cannot be opened, perhaps it is taken; without --listen a free one is chosen."},
		{errcode.KeychainUnavailable, ExitKeys, "无法读取本设备的密钥，没有改动任何内容。", "The keys of this device cannot be read. Nothing was changed."},
		{errcode.DiskFull, ExitDisk, "磁盘已满，腾出空间后再启动。", "The disk is full; start again when there is room."},
	} {
		if errors.Is(err, p.is) {
			if language == Chinese {
				return p.zh, p.exit
			}
			return p.en, p.exit
		}
	}
	if language == Chinese {
		return "圆桌无法启动，内容没有改动。原因记在资料夹的 roundtable.log 里。", ExitFault
	}
	return "Roundtable cannot start; nothing was changed. The reason is in roundtable.log in the profile folder.", ExitFault
}
