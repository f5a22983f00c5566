package proof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// inMemory searches what a relay has in its memory: for a word that must be there,
// so that the search itself is proved, and for those that must not.
func inMemory(o *office, r *depot, known string, words map[string]string) {
	o.Helper()
	all := []string{known}
	var of []string
	for name, word := range words {
		of, all = append(of, name), append(all, word)
	}
	found, read, err := memoryHas(r.PID(), all)
	if errors.Is(err, os.ErrPermission) {
		o.Log("a process may not look into its child's memory here")
		return
	}
	o.must(err)
	if !found[known] {
		o.Error("what is searched in the memory is not found there")
	}
	for i, name := range of {
		if found[all[i+1]] {
			o.Errorf("the relay's memory shows the %s", name)
		}
	}
	o.Logf("looked at %d MB of the relay's memory", read>>20)
}

// memoryHas reads what of a process's memory can be read.
func memoryHas(pid int, words []string) (found map[string]bool, read int, err error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return nil, 0, err
	}
	memory, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		return nil, 0, err
	}
	defer memory.Close()
	found = map[string]bool{}
	const piece, overlap = 1 << 20, 256
	buffer := make([]byte, piece+overlap)
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var rights string
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights); n != 3 || rights[0] != 'r' {
			continue
		}
		for at := from; at < to; at += piece {
			n, err := memory.ReadAt(buffer[:min(piece+overlap, to-at)], at)
			if err != nil && !errors.Is(err, io.EOF) && n == 0 {
				continue // the kernel's own pages, and what was given back meanwhile
			}
			read += min(n, piece)
			for _, word := range words {
				found[word] = found[word] || bytes.Contains(buffer[:n], []byte(word))
			}
		}
	}
	return found, read, nil
}
