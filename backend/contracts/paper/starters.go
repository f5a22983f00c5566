package paper

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

//go:embed starters
var starters embed.FS

// Starter is a template that comes with the program.
type Starter struct {
	// ID is stable: "zh/labour".
	ID, Language string
	Source       string
}

// Starters gives those in a language ("zh" or "en"), in the order in which they are shown.
func Starters(language string) (out []Starter) {
	for _, name := range []string{"labour", "offer", "confidentiality", "safety", "purchase", "service", "acceptance", "lease"} {
		if s, err := StarterByID(path.Join(language, name)); err == nil {
			out = append(out, s)
		}
	}
	return out
}

// StarterByID gives one. Errors: fs.ErrNotExist.
func StarterByID(id string) (Starter, error) {
	language, name, is := strings.Cut(id, "/")
	if !is || strings.ContainsAny(name, `/\.`) || language != "zh" && language != "en" {
		return Starter{}, fs.ErrNotExist
	}
	data, err := starters.ReadFile(path.Join("starters", language, name+".md"))
	return Starter{ID: id, Language: language, Source: string(data)}, err
}
