-- That a program had a token: for whom, for what, from when, until when. The secret's hash is not here.
CREATE TABLE token_record (
    person_id text NOT NULL,
    token_id text NOT NULL,
    scopes text NOT NULL,
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint,
    rev bigint NOT NULL,
    PRIMARY KEY (person_id, token_id)
);
-- shard: person_id with person
