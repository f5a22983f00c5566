package media

import "github.com/pion/webrtc/v4"

// Ask sets Servers to what a relay names: STUN and TURN servers, and the credentials of the
// latter; no URLs are none.
func (o *Options) Ask(now func() (urls []string, user, password string)) {
	o.Servers = func() []webrtc.ICEServer {
		urls, user, password := now()
		if len(urls) == 0 {
			return nil
		}
		return []webrtc.ICEServer{{URLs: urls, Username: user, Credential: password}}
	}
}
