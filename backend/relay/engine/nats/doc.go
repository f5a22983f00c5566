// Package nats keeps what relays were given in a NATS JetStream cluster: the
// engine for those who have outgrown one machine. Any number of relay processes
// may stand before one cluster; they hold nothing that the cluster has not.
//
// The cluster needs nats-server 2.12 or later, JetStream with `sync_interval:
// always` (its default acknowledges before fsync), a max_payload of 4 MiB or
// more, and an account of its own for the relays. Its streams must not get a
// max_age: see Sweep. build/relay/compose.yaml is such a cluster.
//
// # What lies where
//
//	EV_0…EV_15  ev.<shard>.<space>.<x>.<y>.<z>.<feed>  pieces: envelopes of one feed, in sequence
//	            hd.<shard>.<space>.<x>.<y>.<z>.<feed>  the head of a feed that Sweep has emptied
//	            hd.<shard>.0                           written once: what a read can always find
//	CK_0…CK_3   ck.<shard>.<space>.<x>.<hash>.<size>   a chunk
//	GRANTS      gr.<x>.<space>                         the grants of a space, one after the other
//	TABLE       tb.store                               the store's name
//	            tb.indexed                             up to which grant of all ls is right
//	            ls.<device>.<x>.<y>.<z>.<space>        rights of a device in a space
//	            ok.<space>                             up to which grant ls is right
//	            tn.<tenant>.<space>                    whose a space is
//	            rc.<kind>.<key>                        records
//	USAGE       us.<tenant>.<what>                     counters (Nats-Incr)
//
// A space's shard is made from the hash of its ID. The single letters are hex
// digits of what follows: a direct read answers for 1,024 subjects at most, and
// with them a longer list falls into 16, 256 or 4,096 parts.
//
// A chunk is one message (it is smaller than max_payload): an object store would
// cut it into pieces and read it back through a consumer. It is kept for each
// space that it was put for, since counting owners is what goes wrong.
//
// # Exactly once, in order
//
// Each feed has its own subject, and each piece is published with
// Nats-Expected-Last-Subject-Sequence: it is taken when nothing was written to
// the feed since this process looked, by whomever. That is a compare-and-set
// per feed, made by the stream's leader; it needs no lock among the processes,
// and after a lost answer the head is read again from the leader. A duplicate
// window (Nats-Msg-Id) would add nothing to it, and two minutes of memory.
//
// # News
//
// Streams republish headers (lv.…) as soon as a message is committed. They are
// hints: what is told to the server was read from the stream, in its order, from
// where the space was left. A hint that was lost (a killed leader, a broken route, a
// slow connection) delays news and cannot lose any: after a reconnect, an
// election, and in turn all the time, followed spaces are looked at again.
//
// Reads are batched direct reads, answered by any replica. A replica may be
// behind: a read does not say that it is at the end before it has seen what was
// acknowledged to this process, and asks the leader when that takes too long.
package nats
