// Package api is the one door to the backend: the services written in proto/,
// mounted under "/api/" with the same limits, deadlines and errors for all
// (Mount), called by name with JSON where there is no HTTP (Call), and the
// topics that tell a screen what to ask again (Changes).
//
// It knows nothing of who calls: the guards of a loopback port are package
// app/local's, the window needs none. gen/ is made from proto/ by `make gen`
// and never edited.
package api
