-- What happened, once, in the transaction in which it happened. `home` is the distribution key of the state rows.
-- `salt` stands outside of the hashed leaf: destroying it makes the row digests meaningless, while the tree still holds.
CREATE TABLE fact (
    home text NOT NULL,
    id text NOT NULL,
    origin text NOT NULL,
    subject text NOT NULL,
    version bigint NOT NULL,
    actor text NOT NULL,
    org_id text,
    kind text NOT NULL,
    occurred_at bigint NOT NULL,
    recorded_at bigint NOT NULL,
    payload text NOT NULL,
    digests text NOT NULL,
    salt bytes,
    PRIMARY KEY (home, id),
    UNIQUE (home, subject, version)
);
-- shard: home

-- Committed facts that have no position yet.
CREATE TABLE fact_new (
    home text NOT NULL,
    fact_id text NOT NULL,
    recorded_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (home, fact_id)
);
-- shard: home with fact
CREATE INDEX fact_new_in_order ON fact_new (recorded_at, version);

-- The dense order in which facts became visible. Commit order is not insert order, so one sequencer gives it out.
CREATE TABLE fact_pos (
    pos bigint NOT NULL PRIMARY KEY,
    home text NOT NULL,
    fact_id text NOT NULL,
    leaf bytes NOT NULL,
    UNIQUE (home, fact_id)
);
-- local

-- How far each reader of the journal has come; its row is also its lock.
CREATE TABLE consumer (
    name text NOT NULL PRIMARY KEY,
    pos bigint NOT NULL
);
-- local

-- Signed roots of the Merkle tree over the leaves 1 to size.
CREATE TABLE seal_head (
    size bigint NOT NULL PRIMARY KEY,
    root bytes NOT NULL,
    prev_root bytes NOT NULL,
    at bigint NOT NULL,
    key_id text NOT NULL,
    signature bytes NOT NULL,
    frontier bytes NOT NULL
);
-- local

-- Answers to commands, so that a repeated one is answered and not done again.
CREATE TABLE command (
    actor text NOT NULL,
    key text NOT NULL,
    digest bytes NOT NULL,
    answer text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (actor, key)
);
-- shard: actor
