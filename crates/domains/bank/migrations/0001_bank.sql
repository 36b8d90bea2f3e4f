-- An account holds credit of one class. Issuers' accounts are negative by what they have issued.
CREATE TABLE account (
    account_id text NOT NULL,
    owner_kind text NOT NULL CHECK (owner_kind IN ('person', 'issuer')),
    owner_id text NOT NULL,
    credit_class text NOT NULL CHECK (credit_class IN ('culture_leisure', 'vocational', 'degree')),
    balance bigint NOT NULL,
    opened_at bigint NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (account_id)
);
-- shard: account_id

-- One side of a transfer. Rows are only ever added; a correction is a transfer that names the one it reverses.
CREATE TABLE entry (
    account_id text NOT NULL,
    entry_id text NOT NULL,
    transfer_id text NOT NULL,
    other_account text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('deposit', 'reversal')),
    amount bigint NOT NULL,
    credit_class text NOT NULL CHECK (credit_class IN ('culture_leisure', 'vocational', 'degree')),
    rule_id text NOT NULL,
    rule_version bigint NOT NULL,
    evidence_home text NOT NULL,
    evidence_fact text NOT NULL,
    record_id text NOT NULL,
    org_id text NOT NULL,
    grade bigint NOT NULL CHECK (grade BETWEEN 1 AND 5),
    minutes bigint NOT NULL CHECK (minutes BETWEEN 0 AND 1440),
    learned_at bigint NOT NULL,
    learned_on bigint NOT NULL,
    approver text NOT NULL,
    posted_at bigint NOT NULL,
    held boolean NOT NULL,
    note text NOT NULL,
    reverses text,
    rev bigint NOT NULL,
    PRIMARY KEY (account_id, entry_id),
    UNIQUE (account_id, transfer_id),
    UNIQUE (account_id, reverses)
);
-- shard: account_id with account
CREATE INDEX entry_by_day ON entry (account_id, learned_on, entry_id);
CREATE INDEX entry_by_record ON entry (account_id, record_id);
