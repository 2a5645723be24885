//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// nobody is the user ID that a server gets where there is no user "postgres".
const nobody = 65534

// owner returns who runs the server when root tests: PostgreSQL refuses to run as root.
func owner() (uid, gid int) {
	account, err := user.Lookup("postgres")
	if err != nil {
		return nobody, nobody
	}
	uid, uerr := strconv.Atoi(account.Uid)
	gid, gerr := strconv.Atoi(account.Gid)
	if uerr != nil || gerr != nil {
		return nobody, nobody
	}
	return uid, gid
}

func unprivileged(cmd *exec.Cmd) {
	if os.Geteuid() != 0 {
		return
	}
	uid, gid := owner()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// give gives a folder to who runs the server.
func (s *Server) give(dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid := owner()
	if err := os.Chown(dir, uid, gid); err != nil {
		return fmt.Errorf("give the folder to PostgreSQL's user: %w", err)
	}
	return nil
}
