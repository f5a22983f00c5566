// Package ignore reads the rules file of a folder and says what it hides: in
// gitignore's syntax, as git's documentation has it, with git itself as judge in
// the tests.
//
//	#, blank       a comment, nothing; \# and \! begin a name
//	!x             shows again what a line above hides, unless a folder above it is hidden
//	x/             folders only
//	/x, a/x        a slash at the front or in the middle: counted from the root; else at any depth
//	*  ?  [a-z]    not over a slash; [!a-z] or [^a-z], [[:digit:]], \ before any character
//	**/x  a/**  a/**/x    any number of folders
//	x\␣            a space at the end counts only behind a backslash
//
// Where git and its documentation differ, or the documentation is silent:
//
//   - ** beside anything but a slash is *, everywhere. Git takes it for ** when
//     nothing but a literal stands before it.
//   - ? and [ ] stand for a character, not for a byte: names are in Chinese, too.
//   - Text and paths are compared in Unicode's form C; the caller gives paths in it.
//
// # What decides
//
// From the root down, for each folder of the path and then for the path: what is
// always hidden; else the last rule of the file that matches; else the last
// built-in one that matches; else it is shown. Below a hidden folder everything is
// hidden. So the file can show again what the built-in rules hide.
//
// Always hidden, whatever the file says, are .roundtable at the root, in any case,
// and names that begin with .~roundtable- (files on their way in).
//
// # Built-in rules
//
// They hide what a system or a program leaves beside the files and what is of no
// use elsewhere: see Litter. They do not hide what somebody may miss: backups
// (x~, x.bak), .git, node_modules, archives in parts (x.part). They ignore case.
//
// # Bounds
//
// The rules of a shared folder come from others. A file of more than MaxFile bytes
// or MaxRules rules counts up to there, and says so as a bad line. A match costs at
// most path times rules: one star is tried again, never two.
package ignore
