package daemon

import (
	"errors"

	"github.com/cimwatch/cimwatch/store/postgres"
)

// PostgresConfig says in which PostgreSQL database the inventory is kept, instead of in the
// store's file. The journal stays in the file.
type PostgresConfig struct {
	URL          string `yaml:"url"` // postgres://USER@HOST/DATABASE, without a password; "" is none
	PasswordFile string `yaml:"password_file"`
	PasswordEnv  string `yaml:"password_env"`
	CacheMB      int    `yaml:"cache_mb"` // megabytes of components that are remembered; 0 is 64
}

// check returns what is wrong, with paths below that of the keys.
func (p *PostgresConfig) check() (problems []problem) {
	report := func(path string, err error) {
		problems = append(problems, problem{path, err})
	}
	if p.URL == "" {
		if *p != (PostgresConfig{}) {
			report("", errors.New("the url is missing"))
		}
		return problems
	}
	if err := postgres.CheckURL(p.URL); err != nil {
		report(".url", err)
	}
	if p.PasswordFile != "" && p.PasswordEnv != "" {
		report(".password_file", errors.New("password_file and password_env exclude each other"))
	}
	if p.CacheMB < 0 {
		report(".cache_mb", errors.New("the size must be 1 or more"))
	}
	return problems
}
