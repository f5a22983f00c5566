// Package directory is people as the office knows them: departments, records of people
// who may not be in the workspace yet, and who of the members each record is.
//
// # Events (in the space of the workspace)
//
//	directory.changed    {departments, records, delegates}  by administrators and delegates; judged and folded by package chart
//	directory.away_set   {kind, from, to, note}             one's own leave; the latest by (stamp, device, seq) counts
//	directory.vault_made {key, boxes}                       a key for private fields, wrapped for administrators' devices
//	directory.hidden_changed {hidden}                       by administrators: who sees which field of a record, sealed; folded by package chart
//	directory.keys_given {lines, wraps}                     by administrators: keys of departments for leads' devices, keys under other keys
//
// The table holds every statement as it was said. What they come to is worked out in
// memory (chart.Fold) when something asks and anything changed since.
//
// # What a person says of itself, and what the office says of it
//
// A profile (people.profile_set) is the person's word, a record the office's. In the directory the
// record wins for name, positions, manager, place and employee number; where the person calls itself
// something else, the card says so. Phone and e-mail: the record's first, the person's own
// beside them where they differ. Leave is the person's own word. Who has no record is shown by its own
// profile, and its own department counts where a department of that name is the only one; else it stands
// in a department of its own making. Messages show what people call themselves.
//
// # When a record is a member
//
// A binding by an administrator (or a delegate, within the department) comes first. Else the member who came in
// by an invite that was made for the record, of several the one who came first. A member
// has one record: the last binding wins. Where name and phone or e-mail of a member's own profile are those of a
// record, the card proposes it, and an administrator agrees by binding.
//
// # What everybody can read
//
// Records are in the log of every member; nothing that stands open in them can be hidden from members.
// Private and hidden fields are sealed: others have the bytes and cannot open them. Who could open
// something once can open that for ever.
//
// Somebody is found by what their card shows here: by open fields, and by what this device could open of the others (known.go). What it
// opened is in memory alone; who cannot open a field has nothing that a question, its time or its count could tell of it.
//
// # Who opens what is hidden (ring.go, lines.go)
//
//	devices of administrators ──(vault_made)──▶ key of administrators ──wrap──▶ key of a text
//	                                                     │ wrap                      ▲ wrap, once for each
//	devices of leads of a ────(keys_given, lines)──▶ key of a department ────────────┘ department of the person
//	department or above it
//
// Keys are named by their hashes, so it does not matter who hands one on. What matters is which key is sealed with:
// the newest that nobody holds, by what the log says, who should not; else a new one.
package directory
