package server

import (
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"roundtable/backend/relay/protocol"
)

// meter counts. No label names a device, a space or an organisation.
type meter struct {
	set *metrics.Set

	refused, slowed, dropped, behind, silent, grants, chunks, read, news, frames, circuits, circuitBytes *metrics.Counter
	busLost, busRefused                                                                                  *metrics.Counter
	bytesIn, bytesOut, envelopes, published                                                              *metrics.Counter
	append                                                                                               *metrics.Histogram
}

func newMeter(s *Server) *meter {
	set := metrics.NewSet()
	count := func(name string) *metrics.Counter { return set.NewCounter("roundtable_relay_" + name + "_total") }
	m := &meter{
		set:     set,
		refused: count("connections_refused"), slowed: count("slowed_messages"), dropped: count("dropped_frames"),
		behind: count("behind"), silent: count("silent_closed"), grants: count("grants"), chunks: count("chunks_stored"),
		read: count("envelopes_read"), news: count("news_sent"), frames: count("frames"), circuits: count("circuits_joined"),
		busLost: count("bus_not_sent"), busRefused: count("bus_refused"),
		circuitBytes: count("circuit_bytes"), bytesIn: count("bytes_in"), bytesOut: count("bytes_out"),
		envelopes: count("envelopes_published"), published: count("envelope_bytes_published"),
		append: set.NewHistogram("roundtable_relay_append_seconds"),
	}
	gauge := func(name string, of func() float64) { set.NewGauge("roundtable_relay_"+name, of) }
	gauge("devices_connected", func() float64 { return float64(s.Devices()) })
	gauge("circuits", func() float64 { return float64(s.circuits.count()) })
	gauge("budget_bytes_used", func() float64 { return float64(s.budget.used()) })
	gauge("requests_working", func() float64 { return float64(len(s.working)) })
	gauge("turn_allocations", func() float64 { return float64(s.turn.allocations()) })
	gauge("bridges", func() float64 { return float64(s.cluster.bridges.count()) })
	gauge("processes_heard", func() float64 {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return float64(len(s.cluster.peers))
	})
	gauge("devices_elsewhere", func() float64 {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return float64(s.cluster.far)
	})
	gauge("connections", func() float64 {
		s.entrance.mu.Lock()
		defer s.entrance.mu.Unlock()
		return float64(s.entrance.all)
	})
	gauge("spaces_followed", func() float64 {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return float64(len(s.topics))
	})
	gauge("listed_in_memory", func() float64 {
		s.rolls.mu.Lock()
		defer s.rolls.mu.Unlock()
		return float64(s.rolls.entries)
	})
	return m
}

func (m *meter) appended(envelopes, bytes int, took time.Duration) {
	m.envelopes.Add(envelopes)
	m.published.Add(bytes)
	m.append.Update(took.Seconds())
}

func (m *meter) turnedAway(code protocol.Code) {
	m.set.GetOrCreateCounter(`roundtable_relay_turned_away_total{code="` + string(code) + `"}`).Inc()
}

func (m *meter) failed(code protocol.Code) {
	m.set.GetOrCreateCounter(`roundtable_relay_failed_total{code="` + string(code) + `"}`).Inc()
}

// Metrics answers in the text form of Prometheus.
func (s *Server) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		s.meter.set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
}
