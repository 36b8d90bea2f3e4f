-- When the second factor was last shown in this session; empty: not yet.
ALTER TABLE web_session ADD COLUMN proved_at bigint;

-- Whether somebody has a second factor, until when it is locked, and how many recovery codes are left. Vouched for by facts.
CREATE TABLE second_factor (
    person_id text NOT NULL PRIMARY KEY,
    active boolean NOT NULL,
    changed_at bigint NOT NULL,
    locked_until bigint,
    codes_left bigint NOT NULL,
    rev bigint NOT NULL
);
-- shard: person_id with person

-- The secret of a second factor, sealed with the person's own key; the newest step that was used, wrong tries since the last right one,
-- and locks since the last right one.
CREATE TABLE factor_secret (
    person_id text NOT NULL PRIMARY KEY,
    sealed bytes NOT NULL,
    last_step bigint NOT NULL,
    fails bigint NOT NULL,
    locks bigint NOT NULL
);
-- shard: person_id with person

-- Recovery codes that are left; of each only a keyed digest.
CREATE TABLE recovery_code (
    person_id text NOT NULL,
    digest bytes NOT NULL,
    PRIMARY KEY (person_id, digest)
);
-- shard: person_id with person
