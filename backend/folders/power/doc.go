// Package power says whether this computer runs on its battery and whether its
// network is paid by the byte, as far as the system tells.
//
//	         battery                              metered
//	Linux    /sys/class/power_supply              NetworkManager, over the system bus
//	Windows  GetSystemPowerStatus                 INetworkCostManager (COM)
//	macOS    pmset -g batt                        unknown: Low Data Mode can be read by
//	                                              Network.framework only, which takes cgo
//	others   unknown                              unknown
//
// Unknown is said where the system says nothing; what to make of it is the
// caller's choice.
package power
