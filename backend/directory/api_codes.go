package directory

import (
	"context"
	"fmt"
	"time"

	v1 "roundtable/backend/api/gen/roundtable/v1"
	"roundtable/backend/directory/chart"
	"roundtable/backend/directory/sheet"
	"roundtable/backend/errcode"
	"roundtable/backend/wire"
)

func (a API) InviteRecords(ctx context.Context, r *v1.InviteRecordsRequest) (*v1.InviteRecordsResponse, error) {
	d, id, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	if len(r.RecordIds) == 0 || len(r.RecordIds) > maxPage || r.ExpiresSeconds < 0 || r.ExpiresSeconds > int64(wire.MaxInviteLife/time.Second) {
		return nil, errcode.InvalidArgument
	}
	records := make([]chart.ID, len(r.RecordIds))
	for i, text := range r.RecordIds {
		if records[i], err = chart.ParseID(text); err != nil {
			return nil, err
		}
	}
	codes, err := d.inviteRecords(ctx, id, records, time.Duration(r.ExpiresSeconds)*time.Second)
	if err != nil {
		return nil, err
	}
	out := &v1.InviteRecordsResponse{}
	for i, c := range codes {
		row := v.rows[v.records[records[i]]]
		code := &v1.RecordCode{RecordId: records[i].String(), Name: row.name, Number: row.record.Number, Email: row.record.Email, Link: c.Link, ExpiresUnixMs: c.Expires}
		if len(row.units) > 0 {
			code.Department = v.units[row.units[0]].name
		}
		out.Codes = append(out.Codes, code)
	}
	return out, nil
}

// maxSavedCodes bounds the codes of one call; a whole office takes several.
const maxSavedCodes = 5000

var codeHeads = map[string][]string{
	"zh": {"工号", "姓名", "部门", "邮箱", "邀请链接", "有效期至"},
	"en": {"Number", "Name", "Department", "Email", "Link", "Valid until"},
}

// SaveCodes writes codes as CSV. Where a window takes files, parts after the first have no heads, so that they can be put together.
func (a API) SaveCodes(ctx context.Context, r *v1.SaveCodesRequest) (*v1.ExportResponse, error) {
	d, _, v, err := a.in(ctx, r.WorkspaceId)
	if err != nil {
		return nil, err
	}
	switch {
	case len(r.Codes) == 0 || len(r.Codes) > maxSavedCodes || r.Part < 0:
		return nil, errcode.InvalidArgument
	case !d.fills(v):
		return nil, errcode.Forbidden
	}
	lang := r.Language
	if codeHeads[lang] == nil {
		lang = "en"
	}
	var rows [][]string
	if r.Part == 0 || r.Save {
		rows = append(rows, codeHeads[lang])
	}
	for _, c := range r.Codes {
		rows = append(rows, []string{c.Number, c.Name, c.Department, c.Email, c.Link, time.UnixMilli(c.ExpiresUnixMs).Format(time.DateTime)})
	}
	name := map[string]string{"zh": "邀请码", "en": "codes"}[lang] + "-" + d.Clock.Now().Format("20060102-150405")
	if r.Save && r.Parts > 1 {
		name += fmt.Sprintf("-%d", r.Part+1)
	}
	content, err := sheet.WriteCSV(rows, false)
	if err != nil {
		return nil, err
	}
	if r.Part > 0 && !r.Save {
		content = content[len("\ufeff"):]
	}
	return d.file(&v1.ExportResponse{FileName: name + ".csv", Content: content, Rows: int32(len(r.Codes))}, r.Save)
}
