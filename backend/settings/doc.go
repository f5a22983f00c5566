// Package settings holds the choices of this device: language, theme, what
// Enter does, its name, and what others learn of its user. They lie in one
// small file of the profile, "settings.json", and are never in a log.
//
// A file that does not read is set aside as "settings.damaged.json" and the
// defaults apply: a choice is not worth a program that does not start.
package settings
