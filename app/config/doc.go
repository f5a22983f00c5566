// Package config reads what the user and the system say at the start: flags,
// environment, folders, language. It is the only package that looks at the
// environment, and it has the sentences for a start that fails.
package config
