package contracts

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"roundtable/backend/contracts/convert"
	"roundtable/backend/errcode"
)

// convertLimit is how long a conversion may take with all waiting for others.
const convertLimit = 5 * time.Minute

// conversion is one under way, or over.
type conversion struct {
	done   chan struct{}
	result Upload
	err    error
}

// converted makes a PDF of an upload, as a new one. It goes on when the call that asked ends: who asks again
// waits for the same. Errors: errcode.ConverterMissing, errcode.ConvertFailed, errcode.NotReady, errcode.DiskFull.
func (c *Contracts) converted(ctx context.Context, u Upload) (Upload, error) {
	d := &c.documents
	d.mu.Lock()
	one := d.converting[u.ID]
	if one == nil {
		one = &conversion{done: make(chan struct{})}
		d.converting[u.ID] = one
		go func() {
			// Bounded by itself and not by the call, whose patience is shorter.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), convertLimit)
			defer cancel()
			one.result, one.err = c.convert(ctx, u)
			close(one.done)
		}()
	}
	d.mu.Unlock()
	select {
	case <-ctx.Done():
		return Upload{}, errcode.With(errcode.NotReady, ctx.Err())
	case <-one.done:
	}
	d.mu.Lock()
	delete(d.converting, u.ID) // it was answered; who asks again gets a new one
	d.mu.Unlock()
	return one.result, one.err
}

func (c *Contracts) convert(ctx context.Context, u Upload) (out Upload, err error) {
	select {
	case <-ctx.Done():
		return out, errcode.With(errcode.ConvertFailed, ctx.Err())
	case c.documents.one <- struct{}{}: // one LibreOffice is heavy enough
		defer func() { <-c.documents.one }()
	}
	program, found := c.documents.converter()
	kind, is := convert.Is(u.Name)
	if !found || !is {
		return out, errcode.ConverterMissing
	}
	folder, err := os.MkdirTemp(c.Folder, "convert-")
	if err != nil {
		return out, diskError(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path, err := program.PDF(ctx, c.uploadPath(u.ID), kind, folder)
	if errors.Is(err, convert.ErrFailed) {
		return out, errcode.With(errcode.ConvertFailed, err)
	}
	if err != nil {
		return out, diskError(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return out, diskError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return out, err
	}
	return c.takeUpload(ctx, strings.TrimSuffix(u.Name, u.Name[len(u.Name)-len(kind):])+".pdf", info.Size(), f)
}
