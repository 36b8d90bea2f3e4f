-- What somebody decided about a job: tried again, or given up. The job itself is no record; the decision is.
CREATE TABLE job_order (
    order_id text NOT NULL PRIMARY KEY,
    job_id text NOT NULL,
    kind text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('retry', 'give_up')),
    decided_at bigint NOT NULL,
    rev bigint NOT NULL
);
-- local
