package power

// ofACLine reads ACLineStatus of Windows' SYSTEM_POWER_STATUS; 255 is unknown.
func ofACLine(status byte) Battery {
	switch status {
	case 0:
		return OnBattery
	case 1:
		return OnMains
	}
	return BatteryUnknown
}

// Bits of NLM_CONNECTION_COST.
const (
	costUnrestricted    = 0x1
	costFixed           = 0x2 // free up to a limit
	costVariable        = 0x4 // by the byte
	costOverLimit       = 0x10000
	costRoaming         = 0x40000
	costNearlyOverLimit = 0x80000
)

// ofCost reads what INetworkCostManager says of this computer's connection.
func ofCost(cost uint32) Metered {
	switch {
	case cost&(costFixed|costVariable|costOverLimit|costRoaming|costNearlyOverLimit) != 0:
		return IsMetered
	case cost&costUnrestricted != 0:
		return NotMetered
	}
	return MeteredUnknown
}
