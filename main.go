// Command roundtable is Roundtable 圆桌 in its window. It stands beside
// wails.json because Wails v2 wants it so; the story is in app/desktop.
package main

import "roundtable/app/desktop"

func main() { desktop.Main() }
