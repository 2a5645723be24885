package cli

import (
	"cmp"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

func newConnectionListCommand(env *Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the named connections",
		Example: `  cimwatch connection list`,
		Args:    arguments(),
	}
	output := addOutputFlag(cmd, formatTable, formatJSON)
	cmd.RunE = func(*cobra.Command, []string) error {
		file, err := readConnections(env)
		if err != nil {
			return err
		}
		if file.exposed() {
			note(env.Stderr, "others can read the passwords in "+file.name+", which are not used until you run: chmod 600 "+file.name)
		}
		return env.print(output, newConnectionList(&file))
	}
	return cmd
}

// connectionList is what connection list prints: no passwords.
type connectionList struct {
	Connections []connectionView `json:"connections"`
}

type connectionView struct {
	Name         string `json:"name"`
	URL          string `json:"url"`
	User         string `json:"user"`
	Password     bool   `json:"password"` // the password itself is kept
	PasswordFile string `json:"password_file"`
	CA           string `json:"ca"`
	Fingerprint  string `json:"fingerprint"`
	Insecure     bool   `json:"insecure"`
	ClientCert   string `json:"client_cert"`
	ClientKey    string `json:"client_key"`
	TLSMin       string `json:"tls_min"` // "" for the default
	Proxy        string `json:"proxy"`   // "" for that of the environment
	Socket       string `json:"socket"`
	Namespace    string `json:"namespace"` // "" for the default
	Timeout      string `json:"timeout"`   // such as "30s", "" for the default
}

func newConnectionList(file *connectionFile) connectionList {
	l := connectionList{Connections: []connectionView{}}
	for _, name := range slices.Sorted(maps.Keys(file.Connections)) {
		c := file.Connections[name]
		v := connectionView{
			Name: name, URL: c.URL, User: c.User, Password: c.Password != "", PasswordFile: c.PasswordFile,
			CA: c.CA, Fingerprint: c.Fingerprint, Insecure: c.Insecure, ClientCert: c.ClientCert, ClientKey: c.ClientKey,
			TLSMin: c.TLSMin, Proxy: c.Proxy, Socket: c.Socket, Namespace: c.Namespace,
		}
		if c.Timeout > 0 {
			v.Timeout = c.Timeout.String()
		}
		l.Connections = append(l.Connections, v)
	}
	return l
}

// WriteText writes a table. A dash stands for what is not set.
func (l connectionList) WriteText(w io.Writer, color bool) error {
	rows := make([][]cell, len(l.Connections))
	for i := range l.Connections {
		c := &l.Connections[i]
		password := cmp.Or(c.PasswordFile, "-")
		if c.Password {
			password = "saved"
		}
		rows[i] = []cell{known(c.Name), known(c.URL), known(c.User), known(password), known(c.Namespace)}
	}
	return writeTable(w, color, []string{"NAME", "URL", "USER", "PASSWORD", "NAMESPACE"}, rows)
}
