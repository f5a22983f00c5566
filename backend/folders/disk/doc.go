// Package disk is a folder on a disk as shared folders use it: what lies there is the
// user's, other programs change it at any moment, and the paths come from peers.
//
// Every path is walked from the folder that the user shared. No link in it is ever
// followed, also not one that appears while the path is walked: system calls see an
// open folder and a single name, or the kernel is told to refuse links. Nothing is kept
// open between calls, so a disk can be taken out; the folder is recognized by its
// number at each call, and another one in its place is ErrGone, never "deleted".
// What is replaced is put aside first (Swap); what was not looked at is never replaced
// (Move).
//
// Rules are tried out on the disk itself, in the hidden folder (Hidden), since a Linux
// machine mounts Windows' disks and a Mac may have one on which case counts. A tree
// is taken for one disk: what is mounted inside it has the rules of the rest.
//
//	                  Windows                      macOS                         Linux
//	name rules        <>:"|?* and 0x01-0x1f,       none but /                    none but /; as Windows
//	                  reserved devices, dot or                                   on FAT, exFAT and NTFS
//	                  space at the end: ErrName                                  that refuse ":" and "?"
//	  never in a log  \ / NUL, control characters, "." and "..", not UTF-8, not NFC, > 255 bytes a
//	                  name, > 4,096 a path, > 255 names: Portable; on a disk told as bad
//	case              folds, keeps                 folds, keeps (tried)          counts (tried)
//	  case-only move  one step; where nothing      one step                      one step; on folding disks
//	                  comes of it over a third name                              over a third name
//	Unicode form      counts, any is kept          folds, any is kept            counts, any is kept
//	  in the log      NFC. Where form counts, NFC is looked up, then NFD, then the folder is listed
//	                  (at most once a second). Two forms beside each other: NFC has the name
//	links             Link; made where the user    Link, made                    Link, made
//	                  may. Junctions and other
//	                  reparse points are Other
//	pipes, sockets,   Other: told, moved, removed, never opened (O_NONBLOCK, and looked at before and
//	devices           after opening)
//	permissions       inherited from the folder    0666 & umask; Exec adds x for whoever may read. A
//	                                               file that replaces one gets that one's rw bits
//	exec mark         none                         kept                          kept (tried)
//	long paths        32,767 by inner calls        1,024 bytes with the root's   4,096 with the root's path:
//	                                               path: what others can open    what others can open
//	  long names      255 UTF-16 units             255 UTF-16 units              255 bytes
//	locked files      ErrLocked; ours are opened   ErrLocked when busy           ErrLocked when busy (mount
//	                  with all sharing                                           points, running programs)
//	half-written      drafts are new files (O_EXCL) under a name of their own, settled, then moved
//	files             into place; Content.Look after reading tells whether it changed meanwhile
//	time grain        100 ns (NTFS), 2 s (FAT)     1 µs, as it is set            1 ns; tried: 2 s to 1 ns
//	  clock of files  16 ms                        1 ms                          10 ms
//	never replace     FileRenameInformation        renamex_np(RENAME_EXCL)       renameat2(NOREPLACE); else
//	                  without replace              else as Linux                 link+unlink; else look+rename
//	replace (Swap)    two moves; undone if the     renamex_np(RENAME_SWAP), move renameat2(EXCHANGE), move;
//	                  second fails                 else two moves                else two moves
//	Settle            FlushFileBuffers; names are  fsync of files and folders,   fsync of files and folders,
//	                  in NTFS's journal            one F_FULLFSYNC               eight at a time
//	number of a file  file index, 64 bits          inode                         inode
//	time of change    ChangeTime                   ctime                         ctime
//	watching          one handle, whole tree       kqueue, up to 8,192 files     inotify, a watch per folder
//	                  (package watch)
package disk
