-- Tokens with which programs act for a person; of the secret only its hash.
CREATE TABLE api_token (
    token_hash bytes NOT NULL PRIMARY KEY,
    token_id text NOT NULL,
    person_id text NOT NULL,
    scopes text NOT NULL,
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint
);
-- shard: token_hash

CREATE INDEX api_token_person ON api_token (person_id);
