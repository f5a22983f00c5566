// Package projection follows the log into tables. A feature declares its tables
// and how one event changes them; this package calls it in the transaction that
// stores the event, keeps its cursor, and replays the log when the tables are
// new, were dropped, or belong to an older version.
//
// Rules for a projection, held to by the order test of every feature:
//
//   - Nothing else writes its tables; their names begin with its name and "_".
//   - The same events in any causally valid order give the same rows.
//   - A body that makes no sense is skipped, not an error: an error means that
//     the tables cannot be trusted, and stops the cursor (never the log).
package projection
