-- A credential, kept with its holder. Title, minutes and the organisation's name are those of the day of issue, as on paper.
CREATE TABLE credential (
    person_id text NOT NULL,
    credential_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('completion')),
    org_id text NOT NULL,
    org_name text NOT NULL,
    class_id text NOT NULL,
    offer_id text NOT NULL,
    completion_id text NOT NULL,
    title text NOT NULL,
    minutes bigint NOT NULL CHECK (minutes >= 0),
    attended bigint NOT NULL,
    planned bigint NOT NULL,
    serial text NOT NULL,
    issued_at bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('valid', 'revoked')),
    revoked_reason text,
    revoked_at bigint,
    rev bigint NOT NULL,
    PRIMARY KEY (person_id, credential_id),
    UNIQUE (person_id, completion_id),
    CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))
);
-- shard: person_id
CREATE INDEX credential_by_time ON credential (person_id, issued_at, credential_id);

-- Whose a credential is, for those who have its address.
CREATE TABLE credential_directory (
    credential_id text NOT NULL PRIMARY KEY,
    person_id text NOT NULL
);
-- shard: credential_id

-- Which credential a printed number belongs to.
CREATE TABLE credential_serial (
    serial text NOT NULL PRIMARY KEY,
    credential_id text NOT NULL,
    person_id text NOT NULL
);
-- shard: serial
