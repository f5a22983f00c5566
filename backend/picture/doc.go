// Package picture checks and redraws small square pictures: those of groups and of people.
//
// Nothing that somebody else chose is shown as it came, and nothing leaves a device
// as it was in a file: pictures are unpacked, within bounds, and packed anew from
// their pixels. So no place, camera or comment goes along, and no byte of a file is
// interpreted twice. Kinds are PNG and JPEG, told by their first bytes; there is no
// way in for SVG.
package picture
