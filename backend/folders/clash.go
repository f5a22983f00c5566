package folders

import (
	"strings"

	"roundtable/backend/folders/disk"
)

// maxSiblings bounds the names of one folder that are compared with each other.
const maxSiblings = 1_000_000

// clashes is disk.ErrClash with the path that is in the way.
type clashes struct{ other string }

func (c clashes) Error() string { return disk.ErrClash.Error() + ": " + c.other }

// Is implements errors.Is.
func (c clashes) Is(err error) bool { return err == disk.ErrClash }

// fits looks whether this disk takes the name. Errors: those of disk.Rules, clashes.
func (r *round) fits(v version) error {
	rules := r.k.tree.Rules()
	if err := rules.Check(v.path); err != nil || !rules.FoldsCase && !rules.FoldsForm {
		return err
	}
	for end := 0; end < len(v.path); end++ {
		if next := strings.IndexByte(v.path[end:], '/'); next >= 0 {
			end += next
		} else {
			end = len(v.path)
		}
		other, err := r.clash(v.path[:end])
		if err == nil && other != "" {
			err = clashes{other}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// clash finds a path that stands in the log too, that this disk takes for the same
// name, and that goes before: what is here already, else what sorts first.
func (r *round) clash(path string) (string, error) {
	parent, name := split(path)
	alike, err := r.alikeIn(parent)
	if err != nil {
		return "", err
	}
	names := alike[r.k.tree.Rules().Key(name)]
	if len(names) == 0 {
		return "", nil
	}
	first := names[0]
	for _, one := range names {
		_, known, err := localAt(r.k.f.DB.Read(), r.k.row, join(parent, one))
		if err != nil {
			return "", err
		}
		if known {
			first = one
			break
		}
	}
	if first == name {
		return "", nil
	}
	return join(parent, first), nil
}

// alikeIn lists, by their key, names in a folder of which this disk takes one alone.
func (r *round) alikeIn(parent string) (map[string][]string, error) {
	if alike, ok := r.alike[parent]; ok {
		return alike, nil
	}
	vs, err := r.k.f.children(r.ctx, r.folder, parent, "", maxSiblings)
	if err != nil {
		return nil, err
	}
	rules := r.k.tree.Rules()
	first, alike := make(map[string]string, len(vs)), map[string][]string{}
	for _, v := range vs { // in the order of names
		_, name := split(v.path)
		key := rules.Key(name)
		switch was, is := first[key]; {
		case !is:
			first[key] = name
		case len(alike[key]) == 0:
			alike[key] = []string{was, name}
		default:
			alike[key] = append(alike[key], name)
		}
	}
	r.alike[parent] = alike
	return alike, nil
}
