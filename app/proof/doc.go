// Package proof holds tests that break real processes on purpose and check the
// whole afterwards: kill -9 in the middle of work, a full disk, a damaged
// database, two hosts on one network. It ships nothing.
package proof
