package disk

import "fmt"

// FreeAt tells how many bytes this program may still write beside a folder of this
// computer that need not be a tree.
func FreeAt(root string) (uint64, error) {
	f, _, err := openRoot(root)
	if err != nil {
		return 0, fmt.Errorf("ask for free space: %w", wrap(err))
	}
	defer f.close()
	return f.free()
}
