package main

// openFiles is how many this process may have: Windows sets no such limit.
func openFiles() int { return 1 << 20 }
