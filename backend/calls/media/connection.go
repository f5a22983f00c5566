package media

import (
	"io"
	"net"
	"strings"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/nack"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/logging"
	"github.com/pion/sdp/v3"
	"github.com/pion/webrtc/v4"
)

const (
	opusType  = 111
	redType   = 63
	vp8Type   = 96
	rtxType   = 97
	opusWords = "minptime=10;useinbandfec=1"
	mimeRED   = "audio/red"
	redWords  = "111/111" // what is in it: Opus, and Opus again

	midURI   = sdp.SDESMidURI
	levelURI = sdp.AudioLevelURI
)

// quiet keeps pion from writing to the standard error.
func quiet() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
}

// connection makes a PeerConnection to the page (link nil) or to an engine.
func (e *Engine) connection(link *estimate) (*webrtc.PeerConnection, error) {
	media := &webrtc.MediaEngine{}
	if err := codecs(media, link == nil); err != nil {
		return nil, err
	}
	registry := &interceptor.Registry{}
	if err := interceptors(media, registry, link); err != nil {
		return nil, err
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry), webrtc.WithSettingEngine(e.settings(link == nil)))
	config := webrtc.Configuration{Certificates: []webrtc.Certificate{e.certificate}, BundlePolicy: webrtc.BundlePolicyMaxBundle}
	if link != nil {
		config.ICEServers = e.o.Servers()
	}
	return api.NewPeerConnection(config)
}

func (e *Engine) settings(page bool) (s webrtc.SettingEngine) {
	s.LoggerFactory = quiet()
	s.SetIncludeLoopbackCandidate(page || e.o.Loopback)
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	s.SetIPFilter(func(ip net.IP) bool { return !ip.IsLinkLocalUnicast() })
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.DisableActiveTCP(true)
	s.SetHostAcceptanceMinWait(0)
	s.SetICETimeouts(3*time.Second, 10*time.Second, time.Second)
	// A packet that is sent again keeps its number between engines; with the usual window of 64 it
	// is taken for a replay after a quarter of a second.
	s.SetSRTPReplayProtectionWindow(2048)
	s.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	s.SetReceiveMTU(maxPacket)
	// Of a handshake on a line that loses much, parts are lost several times; the usual second doubles each time.
	s.SetDTLSRetransmissionInterval(150 * time.Millisecond)
	if !page && e.o.Net != nil {
		s.SetNet(e.o.Net)
	}
	return s
}

// codecs are one for sound and one for pictures: nothing is transcoded, so one codec per call.
func codecs(media *webrtc.MediaEngine, page bool) error {
	sound := []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}}
	picture := []webrtc.RTCPFeedback{{Type: webrtc.TypeRTCPFBTransportCC}, {Type: webrtc.TypeRTCPFBCCM, Parameter: "fir"},
		{Type: webrtc.TypeRTCPFBNACK}, {Type: webrtc.TypeRTCPFBNACK, Parameter: "pli"}}
	if !page {
		sound = append(sound, webrtc.RTCPFeedback{Type: webrtc.TypeRTCPFBNACK})
	}
	type codec struct {
		kind       webrtc.RTPCodecType
		parameters webrtc.RTPCodecParameters
	}
	audio, video := webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo
	all := []codec{
		{audio, webrtc.RTPCodecParameters{PayloadType: opusType, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: opusWords, RTCPFeedback: sound}}},
		{video, webrtc.RTPCodecParameters{PayloadType: vp8Type, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeVP8, ClockRate: 90000, RTCPFeedback: picture}}},
	}
	if page {
		all = append(all, codec{video, webrtc.RTPCodecParameters{PayloadType: rtxType, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: "apt=96"}}})
	} else { // the page's way is within one machine: nothing is lost there
		all = append(all, codec{audio, webrtc.RTPCodecParameters{PayloadType: redType, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: mimeRED, ClockRate: 48000, Channels: 2, SDPFmtpLine: redWords, RTCPFeedback: sound}}})
	}
	for _, c := range all {
		if err := media.RegisterCodec(c.parameters, c.kind); err != nil {
			return err
		}
	}
	for _, kind := range []webrtc.RTPCodecType{audio, video} {
		if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: sdp.TransportCCURI}, kind); err != nil {
			return err
		}
	}
	if err := media.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: levelURI}, audio); err != nil {
		return err
	}
	if page {
		return webrtc.ConfigureSimulcastExtensionHeaders(media)
	}
	return nil
}

// interceptors: the first one added is the nearest to the network. Sender reports are ours to make: pion's would name the time
// of forwarding, and lips would move apart from sound.
func interceptors(_ *webrtc.MediaEngine, registry *interceptor.Registry, link *estimate) error {
	if link != nil {
		registry.Add(link)
	}
	if link == nil { // between engines: resend.go
		ask, err := nack.NewGeneratorInterceptor(nack.GeneratorInterval(20*time.Millisecond), nack.GeneratorSize(1024), nack.WithGeneratorLoggerFactory(quiet()))
		if err != nil {
			return err
		}
		answer, err := nack.NewResponderInterceptor(nack.ResponderSize(1024), nack.WithResponderLoggerFactory(quiet()))
		if err != nil {
			return err
		}
		registry.Add(answer)
		registry.Add(ask)
	}
	receive, err := report.NewReceiverInterceptor(report.WithReceiverLoggerFactory(quiet()))
	if err != nil {
		return err
	}
	feedback, err := twcc.NewSenderInterceptor(twcc.SendInterval(50*time.Millisecond), twcc.WithLoggerFactory(quiet()))
	if err != nil {
		return err
	}
	registry.Add(receive)
	registry.Add(feedback)
	return nil
}

// normal is a fingerprint as it is compared.
func normal(fingerprint string) string {
	return strings.ToLower(strings.TrimSpace(fingerprint))
}
