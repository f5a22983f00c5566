package media

import "time"

// Every limit on what others make the engine do stands here.
const (
	maxLegs       = 64
	maxSDP        = 256 << 10
	maxMessage    = 256 << 10
	maxCandidate  = 512
	maxCandidates = 64  // of one session
	maxTold       = 256 // sources or wants in one message
	maxSlots      = 56  // of a kind, on one leg
	maxMids       = 2*maxSlots + 8
	maxMid        = 32 // characters
	maxTracks     = 16 // that one page sends: more are not read
	// maxPackets is what one layer of a source may send in a second. A screen at 8 Mb/s needs 1,000.
	maxPackets = 4000
	maxPacket  = 1500

	tickEvery     = 100 * time.Millisecond
	beatEvery     = 200 * time.Millisecond
	silentAfter   = 600 * time.Millisecond
	answersWithin = 450 * time.Millisecond // the standby, and who is not lost: two beats and a bit
	// hubComes is how long a hub that was never heard is waited for.
	hubComes      = 6 * time.Second
	keyEvery      = 500 * time.Millisecond
	keyAgain      = 100 * time.Millisecond
	changedEvery  = 100 * time.Millisecond
	figuresEvery  = time.Second
	connectWithin = 12 * time.Second
	sendWithin    = 5 * time.Second
	helloEvery    = time.Second
	informEvery   = 3 * time.Second // what was lost of what is had and wanted is missed no longer
	restartEvery  = 3 * time.Second
	pleadEvery    = time.Second
	deadAfter     = 3 * time.Second
	// reloadsWithin is how long a page may be away before the others are told that its sources are gone.
	reloadsWithin = 3 * time.Second
	// turnFor is how long a hub that was replaced may still be heard.
	turnFor = 3 * time.Second
)
