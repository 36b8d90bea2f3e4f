-- What can be learned: a tree of subjects. Reference data, the same everywhere.
CREATE TABLE subject (
    code text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    parent text,
    isced_f text,
    examples text NOT NULL,
    rev bigint NOT NULL
);
-- copy: everywhere
CREATE INDEX subject_by_parent ON subject (parent, code);

-- An offer 学习项目: what an organisation offers to learn. When and where it is held is said by its classes.
CREATE TABLE offer (
    org_id text NOT NULL,
    offer_id text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    summary text NOT NULL,
    body text NOT NULL,
    subject_code text NOT NULL,
    audience text NOT NULL,
    cost_fen bigint NOT NULL CHECK (cost_fen >= 0),
    bring text NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'published', 'withdrawn')),
    published_at bigint,
    demo boolean NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, offer_id)
);
-- shard: org_id
CREATE INDEX offer_by_title ON offer (org_id, status, offer_id);

-- At which organisation an offer is found, for those who know its identifier only. An offer never moves.
CREATE TABLE offer_directory (
    offer_id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL
);
-- shard: offer_id
