package headless

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"roundtable/app/config"
)

func TestItPrintsOneLineServesAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, config.Config{Profile: t.TempDir(), LAN: "off"}, writer, slog.New(slog.NewTextHandler(t.Output(), nil)))
		writer.Close()
	}()
	lines := bufio.NewReader(reader)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`^open (http://127\.0\.0\.1:\d+)/#boot=([a-z2-7]{32})\n$`).FindStringSubmatch(line)
	if match == nil {
		t.Fatalf("printed %q", line)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, match[1]+"/boot", strings.NewReader(`{"code":"`+match[2]+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		t.Errorf("boot: %v", answer.Status)
	}
	stop()
	rest, err := io.ReadAll(lines)
	if err != nil || len(rest) != 0 {
		t.Errorf("also printed %q %v", rest, err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("end: %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("does not end")
	}
}

func TestAStartThatFailsSaysWhy(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		exit      int
		says      string
	}{
		{[]string{"--language=en", "--nonsense"}, config.ExitUsage, "--help"},
		{[]string{"--language=zh", "--log-level=loud"}, config.ExitUsage, "命令行有误"},
		{[]string{"--listen=0.0.0.0:0"}, config.ExitUsage, "127.0.0.1"},
		{[]string{"--language=en", "--listen=127.0.0.1:99999", "--profile=" + filepath.Join(t.TempDir(), "p")}, config.ExitListen, "port"},
	} {
		var stdout, stderr bytes.Buffer
		if exit := Main(c.arguments, &stdout, &stderr); exit != c.exit || !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
			t.Errorf("%v: exit %d, stdout %q, stderr %q", c.arguments, exit, stdout.String(), stderr.String())
		}
	}
	var stdout, stderr bytes.Buffer
	if exit := Main([]string{"--help"}, &stdout, &stderr); exit != 0 || !strings.Contains(stdout.String(), "--profile") {
		t.Errorf("--help: %d %q", exit, stdout.String())
	}
	stdout.Reset()
	if exit := Main([]string{"--version"}, &stdout, &stderr); exit != 0 || stdout.String() == "" {
		t.Errorf("--version: %d", exit)
	}
}
