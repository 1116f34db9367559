-- What people tell of themselves, and what is known of it to be true (1) or is not (0). Who tells nothing
-- has no row. A table of its own: an account is read with every request, this seldom.
CREATE TABLE profile (
    account_id BYTEA NOT NULL PRIMARY KEY REFERENCES account (id),
    name TEXT COLLATE "C",
    given_name TEXT COLLATE "C",
    family_name TEXT COLLATE "C",
    middle_name TEXT COLLATE "C",
    nickname TEXT COLLATE "C",
    profile TEXT COLLATE "C",
    picture TEXT COLLATE "C",
    website TEXT COLLATE "C",
    gender TEXT COLLATE "C",
    birthdate TEXT COLLATE "C",
    zoneinfo TEXT COLLATE "C",
    locale TEXT COLLATE "C",
    phone_number TEXT COLLATE "C",
    street_address TEXT COLLATE "C",
    locality TEXT COLLATE "C",
    region TEXT COLLATE "C",
    postal_code TEXT COLLATE "C",
    country TEXT COLLATE "C",
    updated_at BIGINT NOT NULL,
    phone_number_verified BIGINT NOT NULL,
    email_verified BIGINT NOT NULL
);
