// Package disktest is for tests of what works on shared folders. It has Run, the suite
// that every disk.Tree passes, and Disk, a folder in memory that behaves like one of
// the three systems and can be made to misbehave: to fail, to be full, to change under
// one's hands, to lose what was not settled.
//
// A Disk decides all by its seed and by the order of calls, so a run can be had again.
// It is harder than most disks are: times are as coarse as the system's clock of files
// (disk.Rules.Tick), IDs of removed files are used again, and on "windows" an open file
// cannot be moved at all. It is simpler in one thing: two names that differ in Unicode
// form only are one name on every Disk.
package disktest
