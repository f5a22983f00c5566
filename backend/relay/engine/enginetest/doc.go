// Package enginetest is the suite that every engine passes: what package engine
// promises, tried on a store of its own for each test.
package enginetest
