package contracts

import (
	"context"

	v1 "roundtable/backend/api/gen/roundtable/v1"
)

// Templates implements ContractsService.
func (a API) Templates(ctx context.Context, r *v1.TemplatesRequest) (*v1.TemplatesResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	all, err := c.templates(ctx, r.Language)
	if err != nil {
		return nil, err
	}
	_, converter := c.documents.converter()
	return &v1.TemplatesResponse{Templates: all, Converter: converter}, nil
}

// SaveTemplate implements ContractsService.
func (a API) SaveTemplate(ctx context.Context, r *v1.Template) (*v1.Template, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.saveTemplate(ctx, r)
}

// DeleteTemplate implements ContractsService.
func (a API) DeleteTemplate(ctx context.Context, r *v1.TemplateRequest) (*v1.DeleteTemplateResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	if err := c.deleteTemplate(ctx, r.Id); err != nil {
		return nil, err
	}
	return &v1.DeleteTemplateResponse{}, nil
}

// RenderTemplate implements ContractsService.
func (a API) RenderTemplate(ctx context.Context, r *v1.RenderTemplateRequest) (*v1.RenderTemplateResponse, error) {
	c, err := a.Get()
	if err != nil {
		return nil, err
	}
	return c.renderTemplate(ctx, r)
}
