package folders

import (
	"context"
	"strconv"
	"strings"

	"roundtable/backend/errcode"
)

// removed lists files that were removed and stood before, the last ones first, behind a
// position ("" for the beginning), and where the next page begins, "" at the end. What
// lies under another name now was not removed. Errors: errcode.InvalidArgument.
func (f *Folders) removed(ctx context.Context, folder int64, after string, limit int) (out []version, next string, err error) {
	stamp, parent, name := int64(1)<<62, "", ""
	if after != "" {
		number, path, ok := strings.Cut(after, "/")
		if stamp, err = strconv.ParseInt(number, 10, 64); !ok || err != nil {
			return nil, "", errcode.InvalidArgument
		}
		parent, name = split(path)
	}
	gone, err := scanVersions(f.DB.Read().QueryContext(ctx, `SELECT `+versionColumns+` FROM folders_version v
		WHERE v.folder = ?1 AND v.state = 2 AND v.kind = 0 AND v.stamp <= ?2 AND (v.stamp < ?2 OR (v.parent, v.name) > (?3, ?4))
		AND NOT EXISTS(SELECT 1 FROM folders_version m WHERE m.folder = v.folder AND m.cause = 1 AND m.feed = v.feed AND m.seq = v.seq
			AND m.other = CASE v.parent WHEN '' THEN v.name ELSE v.parent || '/' || v.name END)
		ORDER BY v.stamp DESC, v.parent, v.name LIMIT ?5`, folder, stamp, parent, name, limit+1))
	if err != nil {
		return nil, "", err
	}
	if len(gone) > limit {
		gone = gone[:limit]
		last := gone[limit-1]
		next = strconv.FormatInt(last.stamp, 10) + "/" + last.path
	}
	for _, g := range gone {
		all, err := versionsOf(f.DB.Read(), folder, g.path)
		if err != nil {
			return nil, "", err
		}
		last := version{}
		for _, v := range all {
			if v.kind != Removed && (last.id.IsZero() || v.stamp > last.stamp) {
				last = v
			}
		}
		if last.kind == File {
			last.stamp, last.feed = g.stamp, g.feed // when and by whom it was removed
			out = append(out, last)
		}
	}
	return out, next, nil
}
