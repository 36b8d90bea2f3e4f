-- Who looked at personal data of others: one row for each page or file, never changed, vouched for by a fact.
CREATE TABLE reading (
    org_id text NOT NULL,
    reading_id text NOT NULL,
    reader text NOT NULL,
    what text NOT NULL,
    subject text NOT NULL,
    people bigint NOT NULL,
    at bigint NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, reading_id)
);
-- shard: org_id
