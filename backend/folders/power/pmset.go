package power

import "strings"

// ofPmset reads what macOS's `pmset -g batt` prints. Its first line is
//
//	Now drawing from 'AC Power'
//
// or 'Battery Power', or 'UPS Power'. It is not translated.
func ofPmset(text string) Battery {
	line, _, _ := strings.Cut(text, "\n")
	_, source, found := strings.Cut(line, "drawing from '")
	source, _, closed := strings.Cut(source, "'")
	switch {
	case !found || !closed:
		return BatteryUnknown
	case source == "AC Power":
		return OnMains
	case source == "Battery Power", source == "UPS Power":
		return OnBattery
	}
	return BatteryUnknown
}
