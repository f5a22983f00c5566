package power

import (
	"context"
	"errors"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// systemPowerStatus is SYSTEM_POWER_STATUS.
type systemPowerStatus struct {
	ACLineStatus, BatteryFlag, BatteryLifePercent, SystemStatusFlag byte
	BatteryLifeTime, BatteryFullLifeTime                            uint32
}

func battery(context.Context) Battery {
	ask := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemPowerStatus")
	if ask.Find() != nil {
		return BatteryUnknown
	}
	var status systemPowerStatus
	if ok, _, _ := ask.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return BatteryUnknown
	}
	return ofACLine(status.ACLineStatus)
}

// networkCost is a COM object of the interface INetworkCostManager.
type networkCost struct{ methods *costMethods }

// costMethods is its table, in the order of netlistmgr.h.
type costMethods struct {
	QueryInterface, AddRef, Release                     uintptr
	GetCost, GetDataPlanStatus, SetDestinationAddresses uintptr
}

// metered asks the list of networks what this computer's connection costs. COM
// belongs to a thread, so the question stays on one.
func metered(context.Context) Metered {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	switch err := windows.CoInitializeEx(0, windows.COINIT_MULTITHREADED); {
	case err == nil || errors.Is(err, syscall.Errno(windows.S_FALSE)):
		defer windows.CoUninitialize()
	case !errors.Is(err, syscall.Errno(windows.RPC_E_CHANGED_MODE)): // then somebody else's will do
		return MeteredUnknown
	}
	create := windows.NewLazySystemDLL("ole32.dll").NewProc("CoCreateInstance")
	if create.Find() != nil {
		return MeteredUnknown
	}
	networkListManager := windows.GUID{Data1: 0xdcb00c01, Data2: 0x570f, Data3: 0x4a9b, Data4: [8]byte{0x8d, 0x69, 0x19, 0x9f, 0xdb, 0xa5, 0x72, 0x3b}}
	networkCostManager := windows.GUID{Data1: 0xdcb00008, Data2: 0x570f, Data3: 0x4a9b, Data4: [8]byte{0x8d, 0x69, 0x19, 0x9f, 0xdb, 0xa5, 0x72, 0x3b}}
	const anyServer = 0x1 | 0x4 | 0x10 // CLSCTX_SERVER
	var manager *networkCost
	result, _, _ := create.Call(uintptr(unsafe.Pointer(&networkListManager)), 0, anyServer,
		uintptr(unsafe.Pointer(&networkCostManager)), uintptr(unsafe.Pointer(&manager)))
	if result != 0 || manager == nil {
		return MeteredUnknown
	}
	defer func() { _, _, _ = syscall.SyscallN(manager.methods.Release, uintptr(unsafe.Pointer(manager))) }()
	var cost uint32
	// No destination: the cost of the way to the internet.
	if result, _, _ := syscall.SyscallN(manager.methods.GetCost, uintptr(unsafe.Pointer(manager)), uintptr(unsafe.Pointer(&cost)), 0); result != 0 {
		return MeteredUnknown
	}
	return ofCost(cost)
}
