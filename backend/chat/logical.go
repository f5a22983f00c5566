package chat

// Logical implements projection.Logical: rooms are numbered as they come, and
// what is shown early does not follow from the log.
func (*Projection) Logical() map[string]string {
	ofMessage := func(columns, table string) string {
		return `SELECT r.space, t.stamp, t.feed, t.seq` + columns + ` FROM ` + table + ` t
			JOIN chat_room r ON r.id = t.space JOIN chat_message m USING(space, stamp, feed, seq) WHERE m.flags < 2`
	}
	ofDeed := func(columns, table string) string {
		return `SELECT r.space, t.feed, t.seq, t.person, t.stamp` + columns + ` FROM ` + table + ` t JOIN chat_room r ON r.id = t.space`
	}
	return map[string]string{
		"chat_room": "",
		// What the background has not come to yet.
		"chat_unindexed": "",
		"chat_feed":      `SELECT * FROM chat_feed WHERE feed IN (SELECT feed FROM chat_message WHERE flags < 2)`,
		"chat_message": `SELECT r.space, m.stamp, m.feed, m.seq, m.flags, m.text, m.aside
			FROM chat_message m JOIN chat_room r ON r.id = m.space WHERE m.flags < 2`,
		"chat_attachment":  ofMessage(`, t.n, t.name, t.media, t.width, t.height, t.size, t.file`, "chat_attachment"),
		"chat_note":        ofMessage(`, t.call, t.at`, "chat_note"),
		"chat_piece":       ofMessage(`, t.hash`, "chat_piece"),
		"chat_reply":       ofMessage(`, t.rfeed, t.rseq`, "chat_reply"),
		"chat_mention":     ofMessage(`, t.n, t.person, t.label`, "chat_mention"),
		"chat_forward":     ofMessage(`, t.person, t.name, t.at`, "chat_forward"),
		"chat_thread":      ofMessage(`, t.rfeed, t.rseq, t.shown`, "chat_thread"),
		"chat_record":      ofMessage(`, t.body`, "chat_record"),
		"chat_thread_read": `SELECT r.space, t.rfeed, t.rseq, t.person, t.feed, t.seq FROM chat_thread_read t JOIN chat_room r ON r.id = t.space`,
		"chat_changed":     ofMessage(`, t.edited, t.recaller`, "chat_changed"),
		"chat_edit":        ofDeed(`, t.efeed, t.eseq, t.text, t.mentions`, "chat_edit"),
		"chat_recall":      ofDeed(`, t.rfeed, t.rseq`, "chat_recall"),
		"chat_reacted":     ofDeed(`, t.rfeed, t.rseq`, "chat_reacted"),
		"chat_reaction":    ofDeed(`, t.emoji`, "chat_reaction"),
		"chat_pin":         ofDeed(`, t.pfeed, t.pseq, t.pinned`, "chat_pin"),
	}
}
