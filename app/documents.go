package app

import (
	"net/http"

	"roundtable/backend/api/files"
	"roundtable/backend/contracts"
)

// Documents serves documents of contracts.
func (a *App) Documents() http.Handler {
	return files.ServeDocuments(a.Log, contracts.API{Get: func() (*contracts.Contracts, error) { return a.shown().contractsPart() }}.OpenDocument)
}
