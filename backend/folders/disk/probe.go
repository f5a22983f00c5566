package disk

import (
	"os"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Hidden is the folder in a tree that is never shared. The caller makes it and keeps
// drafts there; the rules of the disk are tried out in it.
const Hidden = ".roundtable"

const (
	probeName = "Probe-é"
	probeFold = "pROBE-é"
	probeLink = "probe-link"
	probeOdd  = "probe:?"
)

func (t *tree) Rules() Rules {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.probed {
		t.probe()
	}
	return t.rules
}

// probe tries the disk. What cannot be tried stays as the system has it.
func (t *tree) probe() {
	root, err := t.enter()
	if err != nil {
		return
	}
	defer root.close()
	f, err := root.enter(Hidden)
	if err != nil {
		return
	}
	defer f.close()
	_ = f.remove(probeName, File) // left over, or not there
	file, err := f.create(probeName)
	if err != nil {
		return
	}
	defer func() { _ = f.remove(probeName, File) }()
	t.probed = true
	_, err = f.look(probeFold)
	t.rules.FoldsCase = err == nil
	_, err = f.look(norm.NFD.String(probeName))
	t.rules.FoldsForm = err == nil
	t.rules.Grain = grain(file)
	t.rules.Exec = keepsExec(file)
	file.Close()

	_ = f.remove(probeLink, Link)
	err = f.makeLink(probeLink, probeName)
	link, e := f.look(probeLink)
	t.rules.Links = err == nil && e == nil && link.Kind == Link && link.Target == probeName
	_ = f.remove(probeLink, Link)
	_ = f.remove(probeOdd, File)
	if odd, err := f.create(probeOdd); err == nil {
		odd.Close()
		_ = f.remove(probeOdd, File)
	} else {
		t.rules.Windows = t.rules.Windows || refusesName(err)
	}
}

// grain finds how exactly a time comes back.
func grain(file *os.File) int64 {
	asked := time.Unix(1_000_000_001, 123_456_789) // an odd second: FAT keeps even ones
	if markFile(file, asked, false, false) != nil {
		return 1
	}
	info, err := lookFile(file)
	if err != nil {
		return 1
	}
	for _, g := range []int64{1, 100, 1000, 1e6, 1e7, 1e9, 2e9} {
		if asked.UnixNano()/g*g == info.Modified.UnixNano() {
			return g
		}
	}
	return 2e9
}

func keepsExec(file *os.File) bool {
	for _, exec := range []bool{true, false} {
		if markFile(file, time.Unix(1_000_000_000, 0), exec, true) != nil {
			return false
		}
		info, err := lookFile(file)
		if err != nil || info.Exec != exec {
			return false
		}
	}
	return true
}
