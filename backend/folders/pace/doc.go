// Package pace holds what folders send to the bounds that a person sets, on the
// local network and beyond it apart.
//
// Each class has a bucket that fills at its bound and holds a tenth of a second of
// it, so that no second sees more than eleven tenths. Whoever waits is served in
// turn, a slice at a time: a small file does not stand behind a large one.
//
// One Pace counts one direction. A program that bounds sending and receiving has
// two.
package pace
