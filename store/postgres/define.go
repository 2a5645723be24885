package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Define runs statements, such as those of package mof/sqlgen that make views, in the database of
// an inventory: all of them, or none. The daemon may have it open. The password is that of Options.
func Define(ctx context.Context, url, password, statements string) (err error) {
	s := &Inventory{}
	if s.config, err = parse(url, password); err != nil {
		return &OpenError{"PostgreSQL database", err}
	}
	s.name = nameOf(s.config)
	if err := s.checkVersion(ctx); err != nil {
		return &OpenError{s.name, err}
	}
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return &OpenError{s.name, fmt.Errorf("connect: %w", err)}
	}
	// Several statements without arguments are one transaction (PostgreSQL, "Simple Query").
	_, err = conn.Exec(ctx, statements, pgx.QueryExecModeSimpleProtocol)
	if err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))); err != nil {
		return fmt.Errorf("define in %s: %w", s.name, err)
	}
	return nil
}

// nameOf returns the name of a database for errors.
func nameOf(config *pgx.ConnConfig) string {
	return fmt.Sprintf("PostgreSQL database %s at %s", config.Database, config.Host)
}
