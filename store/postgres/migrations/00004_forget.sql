-- +goose Up

-- The number of the last change, which need not be there any more: none is given twice.
ALTER TABLE cimwatch_data.state ADD COLUMN last_change bigint NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE cimwatch_data.state DROP COLUMN last_change;
