// Package desktop is Roundtable in its own window (Wails). The window's page
// calls the app through Wails' asset handler, or through the bound method
// Door.Call where a webview drops request bodies, and hears of changes as the
// event "changed". No port is opened.
package desktop
