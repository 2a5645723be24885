package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/cimwatch/cimwatch/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

const versionTable = "cimwatch_data.goose_db_version"

// errNone says that there are no tables.
var errNone = fmt.Errorf("%w: it has no inventory in it", store.ErrFormat)

// IsEmpty reports whether an error is that of a database without an inventory that was opened to be
// read.
func IsEmpty(err error) bool { return errors.Is(err, errNone) }

// migrate brings the tables up to date. The caller holds the lock.
func (s *Inventory) migrate(ctx context.Context) (err error) {
	if _, err := s.writer.conn.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS cimwatch_data"); err != nil {
		return fmt.Errorf("make the schema: %w", err)
	}
	db := stdlib.OpenDB(*s.config.Copy())
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	version, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("look at the version of the tables: %w", err)
	}
	sources := provider.ListSources()
	if newest := sources[len(sources)-1].Version; version > newest {
		return fmt.Errorf("%w: the tables have version %d, known are versions to %d", store.ErrFormat, version, newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	return nil
}

// newestVersion returns the version of the tables that this code writes.
func newestVersion() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(files[len(files)-1])
}

// checkVersion fails unless the tables are those that this code reads.
func (s *Inventory) checkVersion(ctx context.Context) (err error) {
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	newest, err := newestVersion()
	if err != nil {
		return fmt.Errorf("look at the version of the tables: %w", err)
	}
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", versionTable).Scan(&exists); err != nil {
		return fmt.Errorf("look for the tables: %w", err)
	}
	if !exists {
		return errNone
	}
	var version int64
	if err := conn.QueryRow(ctx, "SELECT max(version_id) FROM "+versionTable).Scan(&version); err != nil {
		return fmt.Errorf("look at the version of the tables: %w", err)
	}
	if version != newest {
		return fmt.Errorf("%w: the tables have version %d, not %d", store.ErrFormat, version, newest)
	}
	return nil
}
