-- A notice 通知 from an organisation to organisations below it. What it asks for ("fields") and whom ("aim", "aimed") is fixed when it is sent.
CREATE TABLE notice (
    notice_id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    due_on bigint,
    wants text NOT NULL CHECK (wants IN ('receipt', 'table')),
    many boolean NOT NULL,
    fields text NOT NULL,
    aim text NOT NULL CHECK (aim IN ('children', 'kinds', 'chosen')),
    aimed text NOT NULL,
    prompting boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'sent', 'withdrawn', 'closed')),
    reason text NOT NULL,
    made_by text,
    made_at bigint NOT NULL,
    sent_at bigint,
    ended_at bigint,
    reminded_at bigint,
    rev bigint NOT NULL
);
-- shard: notice_id
CREATE INDEX notice_by_org ON notice (org_id, notice_id);

-- An organisation that a notice reached, with how far it is: its receipt, what it has written so far, and which version of its answer counts.
CREATE TABLE notice_recipient (
    notice_id text NOT NULL,
    org_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'returned', 'done')),
    opened_at bigint,
    opened_by text,
    draft text NOT NULL,
    version bigint NOT NULL CHECK (version >= 0),
    answered_at bigint,
    returned text NOT NULL,
    reminded_at bigint,
    reminders bigint NOT NULL CHECK (reminders >= 0),
    rev bigint NOT NULL,
    PRIMARY KEY (notice_id, org_id)
);
-- shard: notice_id with notice
CREATE INDEX notice_recipient_by_org ON notice_recipient (org_id, notice_id);

-- What a place answered, each correction a version of its own.
CREATE TABLE notice_answer (
    notice_id text NOT NULL,
    org_id text NOT NULL,
    version bigint NOT NULL CHECK (version > 0),
    answer text NOT NULL,
    answered_at bigint NOT NULL,
    answered_by text,
    rev bigint NOT NULL,
    PRIMARY KEY (notice_id, org_id, version)
);
-- shard: notice_id with notice
