package folders

import "math"

// maxMoves bounds how often the history of a file is followed to where it lay before.
const maxMoves = 32

// lineage lists the versions of a path and, from before something was moved there, those
// of the paths where it lay.
func (f *Folders) lineage(folder int64, path string) (out []version, err error) {
	until := int64(math.MaxInt64)
	for range maxMoves {
		all, err := versionsOf(f.DB.Read(), folder, path)
		if err != nil {
			return nil, err
		}
		last := version{}
		for _, v := range all {
			if v.stamp >= until {
				continue
			}
			out = append(out, v)
			if v.cause == movedFrom && v.stamp > last.stamp {
				last = v
			}
		}
		if last.cause != movedFrom {
			break
		}
		path, until = last.from, last.stamp
	}
	return out, nil
}
