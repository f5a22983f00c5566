package app

import (
	"net/http"

	"roundtable/backend/api"
	"roundtable/backend/api/files"
	"roundtable/backend/api/gen/roundtable/v1/roundtablev1connect"
	"roundtable/backend/portrait"
)

func (a *App) portraitsDoor() portrait.API {
	return portrait.API{Get: func() (*portrait.Portraits, error) {
		return part(a.shown(), func(c *core) *portrait.Portraits {
			return portrait.New(portrait.Deps{Log: c.log, DB: c.db, Me: c.self.party().Person})
		})
	}}
}

// portraitServices are the pictures of people at the door.
func (a *App) portraitServices() []api.Service {
	return []api.Service{api.Serve[roundtablev1connect.PortraitServiceHandler](roundtablev1connect.NewPortraitServiceHandler, a.portraitsDoor())}
}

// Portraits serves the pictures of people.
func (a *App) Portraits() http.Handler { return files.Portraits(a.Log, a.portraitsDoor().Open) }
