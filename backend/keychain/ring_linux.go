package keychain

import (
	"context"
	"errors"
	"fmt"

	"github.com/godbus/dbus/v5"
)

// systemRingReady asks the session bus whether there is a Secret Service with
// an open default collection. It comes before any call of go-keyring, which
// would start a bus of its own where there is none, and which makes the
// service show dialogs where there is no collection, or a locked one.
func systemRingReady(ctx context.Context) error {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("find session bus: %w", err)
	}
	defer conn.Close()
	if err := conn.Auth(nil); err != nil {
		return fmt.Errorf("enter session bus: %w", err)
	}
	if err := conn.Hello(); err != nil {
		return fmt.Errorf("enter session bus: %w", err)
	}
	const name = "org.freedesktop.secrets"
	service := conn.Object(name, "/org/freedesktop/secrets")
	var collection dbus.ObjectPath
	if err := service.CallWithContext(ctx, "org.freedesktop.Secret.Service.ReadAlias", 0, "default").Store(&collection); err != nil {
		return fmt.Errorf("find secret service: %w", err)
	}
	if collection == "/" {
		return errors.New("secret service has no default collection")
	}
	var locked dbus.Variant
	err = conn.Object(name, collection).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0,
		"org.freedesktop.Secret.Collection", "Locked").Store(&locked)
	if err != nil {
		return fmt.Errorf("look at secret collection: %w", err)
	}
	if isLocked, ok := locked.Value().(bool); !ok || isLocked {
		return errors.New("secret collection is locked")
	}
	return nil
}
