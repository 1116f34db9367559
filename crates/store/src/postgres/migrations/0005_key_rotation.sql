-- What a key may do follows from the time: of one purpose the key with the latest active_from that has
-- come is in use, later ones are coming, earlier ones only open what they made.
ALTER TABLE sealed_key ADD COLUMN active_from BIGINT;
UPDATE sealed_key SET active_from = created_at;
ALTER TABLE sealed_key ALTER COLUMN active_from SET NOT NULL;
ALTER TABLE sealed_key DROP COLUMN state;
