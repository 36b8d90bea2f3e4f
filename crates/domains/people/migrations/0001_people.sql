-- A person. Name and phone are sealed with the person's own key; where the key is gone, nobody can read them any more.
CREATE TABLE person (
    person_id text NOT NULL PRIMARY KEY,
    name_sealed bytes NOT NULL,
    phone_sealed bytes,
    birth_year bigint,
    home_region text,
    created_at bigint NOT NULL,
    demo boolean NOT NULL,
    rev bigint NOT NULL
);
-- shard: person_id

-- The person's key, wrapped by the master key. Destroying the row erases the person.
CREATE TABLE person_key (
    person_id text NOT NULL PRIMARY KEY,
    wrapped bytes NOT NULL
);
-- shard: person_id with person

-- That a person agreed to a version of the privacy notice.
CREATE TABLE consent (
    person_id text NOT NULL,
    notice text NOT NULL,
    given_at bigint NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (person_id, notice)
);
-- shard: person_id with person

-- A role at an organisation, from its first day to the day before `to_day`.
CREATE TABLE role_grant (
    person_id text NOT NULL,
    org_id text NOT NULL,
    role text NOT NULL,
    from_day bigint NOT NULL,
    to_day bigint,
    granted_by text NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (person_id, org_id, role)
);
-- shard: person_id with person

CREATE INDEX role_grant_org ON role_grant (org_id, role);

-- Finds a person by the blind index of a phone number.
CREATE TABLE phone_directory (
    phone_index bytes NOT NULL PRIMARY KEY,
    person_id text NOT NULL
);
-- shard: phone_index

-- Cards in people's hands, by the blind index of the printed number.
CREATE TABLE card (
    card_index bytes NOT NULL PRIMARY KEY,
    person_id text NOT NULL,
    number_sealed bytes NOT NULL,
    issued_at bigint NOT NULL
);
-- shard: card_index

CREATE INDEX card_person ON card (person_id);

-- The last code sent to a phone; of the code only a keyed digest.
CREATE TABLE login_code (
    phone_index bytes NOT NULL PRIMARY KEY,
    digest bytes NOT NULL,
    expires_at bigint NOT NULL,
    tries_left bigint NOT NULL
);
-- shard: phone_index

-- Links that sign in once; of the token only its hash.
CREATE TABLE login_link (
    token_hash bytes NOT NULL PRIMARY KEY,
    person_id text NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);
-- shard: token_hash

-- Who is signed in where; of the token only its hash.
CREATE TABLE web_session (
    token_hash bytes NOT NULL PRIMARY KEY,
    session_id text NOT NULL,
    person_id text NOT NULL,
    device text NOT NULL,
    opened_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
-- shard: token_hash

CREATE INDEX web_session_person ON web_session (person_id);
