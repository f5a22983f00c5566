package power

import (
	"context"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
)

func battery(context.Context) Battery {
	all, err := readSupplies(os.DirFS("/sys/class/power_supply"))
	if err != nil {
		return BatteryUnknown
	}
	return ofSupplies(all)
}

// metered asks NetworkManager. Systems with another one do not know.
func metered(ctx context.Context) Metered {
	ctx, end := context.WithTimeout(ctx, 2*time.Second)
	defer end()
	conn, err := dbus.SystemBusPrivate(dbus.WithContext(ctx))
	if err != nil {
		return MeteredUnknown
	}
	defer conn.Close()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return MeteredUnknown
	}
	const name = "org.freedesktop.NetworkManager"
	var value dbus.Variant
	// A question must not start the service where it is installed and not in use.
	err = conn.Object(name, "/org/freedesktop/NetworkManager").CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get",
		dbus.FlagNoAutoStart, name, "Metered").Store(&value)
	number, ok := value.Value().(uint32)
	if err != nil || !ok {
		return MeteredUnknown
	}
	return ofNetworkManager(number)
}
