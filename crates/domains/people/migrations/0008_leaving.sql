-- Who asked that her account be closed, and when it is done unless she withdraws. Vouched for by facts.
CREATE TABLE leaving (
    person_id text NOT NULL PRIMARY KEY,
    ordered_at bigint NOT NULL,
    due_at bigint NOT NULL,
    withdrawn_at bigint,
    rev bigint NOT NULL
);
-- shard: person_id with person

CREATE INDEX leaving_due ON leaving (due_at);
