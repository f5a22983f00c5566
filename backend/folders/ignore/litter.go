package ignore

// Litter are the built-in rules, in the syntax of the file, for a screen that
// shows them. They ignore case.
const Litter = `# macOS
.DS_Store
._*
Icon[` + "\r" + `]
.AppleDouble/
.apdisk
.DocumentRevisions-V100/
.fseventsd/
.Spotlight-V100/
.TemporaryItems/
.Trashes
# Windows
Thumbs.db
ehthumbs.db
ehthumbs_vista.db
desktop.ini
$RECYCLE.BIN/
System Volume Information/
# Linux
.directory
.Trash-*/
.fuse_hidden*
.nfs[0-9a-f][0-9a-f][0-9a-f][0-9a-f]*
/lost+found/
# open in an office program: Microsoft, LibreOffice, WPS
~$*
.~*
~WRL*.tmp
# open in an editor: Vim, Emacs, Kate, GNOME
.*.sw[a-p]
.sw[a-p]
.#*
.*.kate-swp
.goutputstream-*
# a browser is still loading it
*.crdownload
# other programs that sync
.stfolder/
.stversions/
.syncthing.*.tmp
~syncthing~*.tmp
.dropbox.attr
.dropbox.cache/
`
