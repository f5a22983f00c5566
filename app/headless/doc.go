// Package headless runs Roundtable without a window, for a browser on the same
// machine, for tests, and for machines without a display.
//
// When it is ready it prints one line on standard output:
//
//	open http://127.0.0.1:PORT/#boot=CODE
//
// The code works once, for ten minutes. For another browser, or when the code
// was lost, SIGUSR1 prints a new line (Unix; elsewhere start again). Logs go to
// standard error. SIGINT and SIGTERM end it in good order.
package headless
