// Package watch gives hints of changes below a folder. Hints make things quick; the
// truth is what a scan of the folder says. So a hint may be wrong, late or about
// nothing, and where hints cannot be had the watcher says so instead of failing: the
// scanner then looks by itself (Unwatched).
//
//   - The first hint is All: from then on nothing is missed. One looks at everything then.
//   - A path is told 50 ms after its last event, and at the latest 500 ms after its first.
//     The two names of what was moved are told together: the one that was left waits 500 ms
//     for the other, which does not come when it went out of the tree.
//   - Linux: one watch for each folder (inotify). Folders that come are watched before
//     they are told, as a whole: what was made in them meanwhile is found by who looks.
//     The upper folders get watches first when there are too few. When events are lost
//     (the queue of 16,384 was full) all is watched anew, then told by All.
//   - macOS: kqueue, which costs an open file for each file and folder, so only as many
//     folders are watched as keep within a bound; the rest is Unwatched. (FSEvents would
//     need cgo.)
//   - Windows: one handle watches the whole tree, so that folders in it can be renamed
//     and removed by others as ever; a buffer that overflows is told by All.
//   - A folder that vanishes, or is replaced by another one, is seen by itself or within
//     Options.Check, and told by State and All; when it is back it is watched again.
//
// A watcher at rest has no timers but the check of its root.
package watch
