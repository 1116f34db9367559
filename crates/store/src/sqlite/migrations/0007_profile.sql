-- What people tell of themselves, and what is known of it to be true (1) or is not (0). Who tells nothing
-- has no row. A table of its own: an account is read with every request, this seldom.
CREATE TABLE profile (
    account_id BLOB NOT NULL PRIMARY KEY REFERENCES account (id),
    name TEXT,
    given_name TEXT,
    family_name TEXT,
    middle_name TEXT,
    nickname TEXT,
    profile TEXT,
    picture TEXT,
    website TEXT,
    gender TEXT,
    birthdate TEXT,
    zoneinfo TEXT,
    locale TEXT,
    phone_number TEXT,
    street_address TEXT,
    locality TEXT,
    region TEXT,
    postal_code TEXT,
    country TEXT,
    updated_at INTEGER NOT NULL,
    phone_number_verified INTEGER NOT NULL,
    email_verified INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
