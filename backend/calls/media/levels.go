package media

import (
	"time"

	"roundtable/backend/wire"
)

const (
	// quietAt is where the scale of levels begins, in -dBov: below it is a room, not a voice.
	quietAt  = 60
	speaking = 0.35
	// heardAt is from where on something is heard: steps and keys are, the room is not.
	heardAt = 0.06
	// holds is for how long somebody has to be louder to become the speaker: a cough is not.
	holds = 300 * time.Millisecond
)

// voices are how loud microphones are.
type voices struct {
	level   map[wire.DeviceID]float64
	louder  wire.DeviceID
	since   time.Time
	speaker wire.DeviceID
}

// hear takes the levels of now: they rise at once and fall slowly.
func (v *voices) hear(sources map[Source]*source, now time.Time) {
	old := v.level
	v.level = map[wire.DeviceID]float64{}
	loudest, who := speaking, wire.DeviceID{}
	for id, s := range sources {
		if id.Kind != Microphone {
			continue
		}
		l, level := &s.layers[full], 0.0
		if heard := l.level.Load(); heard >= 0 && l.alive(now) {
			level = max(0, 1-float64(heard)/quietAt)
		}
		level = max(level, old[id.Device]*0.75)
		if level < 0.01 {
			level = 0
		}
		v.level[id.Device] = level
		if level > loudest || level == loudest && id.Device == v.speaker {
			loudest, who = level, id.Device
		}
	}
	if v.level[v.speaker] >= loudest*0.8 && v.level[v.speaker] > speaking {
		who = v.speaker // about as loud: stay
	}
	if who != v.louder {
		v.louder, v.since = who, now
	}
	if !who.IsZero() && (now.Sub(v.since) >= holds || v.speaker.IsZero()) {
		v.speaker = who
	}
}

// heard says of which microphones something is heard.
func (v *voices) heard() map[wire.DeviceID]bool {
	heard := make(map[wire.DeviceID]bool, len(v.level))
	for device, level := range v.level {
		heard[device] = level > heardAt
	}
	return heard
}
