package proof

import (
	"errors"
	"strings"
	"testing"

	"roundtable/app/config"
	"roundtable/app/proof/client"
)

// TestSecondProcess: one profile, one process. The second says so and leaves the
// first alone.
func TestSecondProcess(t *testing.T) {
	o := newOffice(t)
	li, workspace := o.founder("li")
	for language, sentence := range map[string]string{"en": "another process uses this profile", "zh": "正被另一个进程使用"} {
		p, err := o.try("li", "--language", language)
		if !errors.Is(err, client.ErrEnded) || p.ExitCode() != config.ExitInUse || !strings.Contains(p.Stderr(), sentence) {
			t.Errorf("%v, code %d: %s", err, p.ExitCode(), p.Stderr())
		}
	}
	o.says(li, workspace, "还在")
	o.must(li.Shows(o.ctx, workspace, "还在"))
	o.must(li.Stop())
	o.sound("li")
}
