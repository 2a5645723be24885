// Package cli is the command line of cimwatch. The shortest program that runs it:
//
//	os.Exit(cli.Run(ctx, os.Args[1:], cli.SystemEnv()))
//
// Each command stands in a file of its own as a function that returns a new command, and
// [NewRootCommand] lists them all. A command keeps its flags in a struct of its own, returns
// errors and neither prints them nor ends the process: [Run] writes one "error:" line and,
// where there is one, a "hint:" line, and chooses the exit code.
//
// Data goes to standard output in the format that -o chooses, everything else to standard
// error. The JSON fields are a contract with the programs that read them.
package cli
