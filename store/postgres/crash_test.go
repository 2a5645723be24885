package postgres_test

import "github.com/cimwatch/cimwatch/internal/pgtest"

const pgtestSecret = pgtest.Secret

const roleVariable = "CIMWATCH_POSTGRES_ROLE"

func play(string) int { return 0 }
