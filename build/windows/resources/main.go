// Command resources writes the Windows resources (icon, manifest, version) as
// object files beside main.go, where `go build` finds them by their names. The
// Makefile runs it before the Windows build; the files are not committed.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
)

func main() {
	log.SetFlags(0)
	number := flag.String("version", "0.1.0", "product version, digits and dots")
	flag.Parse()
	if err := write(*number); err != nil {
		log.Fatal(err)
	}
}

func write(number string) error {
	set := winres.ResourceSet{}
	icon, err := os.Open("build/windows/icon.ico")
	if err != nil {
		return err
	}
	defer icon.Close()
	pictures, err := winres.LoadICO(icon)
	if err != nil {
		return fmt.Errorf("read icon: %w", err)
	}
	// 3 is the icon that Wails loads for its window.
	if err := set.SetIcon(winres.ID(3), pictures); err != nil {
		return fmt.Errorf("set icon: %w", err)
	}
	text, err := os.ReadFile("build/windows/roundtable.exe.manifest")
	if err != nil {
		return err
	}
	manifest, err := winres.AppManifestFromXML(text)
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	set.SetManifest(manifest)
	info, err := os.ReadFile("build/windows/info.json")
	if err != nil {
		return err
	}
	var v version.Info
	if err := v.UnmarshalJSON(info); err != nil {
		return fmt.Errorf("read info.json: %w", err)
	}
	v.SetFileVersion(number)
	v.SetProductVersion(number)
	set.SetVersionInfo(v)
	for arch, name := range map[winres.Arch]string{winres.ArchAMD64: "amd64", winres.ArchARM64: "arm64"} {
		if err := object(set, arch, "roundtable_windows_"+name+".syso"); err != nil {
			return err
		}
	}
	return nil
}

func object(set winres.ResourceSet, arch winres.Arch, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := set.WriteObject(f, arch); err != nil {
		_ = f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Close()
}
