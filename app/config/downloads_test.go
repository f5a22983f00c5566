package config

import "testing"

func TestDownloadsOf(t *testing.T) {
	for text, want := range map[string]string{
		"": "/home/li/Downloads", "# x\nXDG_DOWNLOAD_DIR=\"$HOME/下载\"\n": "/home/li/下载", "XDG_DOWNLOAD_DIR=\"/data/in\"": "/data/in",
		"XDG_DOWNLOAD_DIR=\"$HOME/\"": "/home/li/Downloads", "XDG_DOWNLOAD_DIR=\"relative\"": "/home/li/Downloads", "XDG_DESKTOP_DIR=\"/x\"": "/home/li/Downloads",
	} {
		if got := downloadsOf(text, "/home/li", "/home/li/Downloads"); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}
