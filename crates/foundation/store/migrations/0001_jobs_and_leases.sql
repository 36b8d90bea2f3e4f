-- Work that happens after the answer: rendered documents, messages, rebuilds.
CREATE TABLE job (
    id text NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    payload text NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'running', 'done', 'failed')),
    run_at bigint NOT NULL,
    attempts bigint NOT NULL DEFAULT 0,
    worker text,
    leased_until bigint,
    last_error text,
    created_at bigint NOT NULL,
    finished_at bigint
);
-- local
CREATE INDEX job_waiting ON job (kind, run_at) WHERE state IN ('ready', 'running');

-- Who may do what only one process may do. `fence` grows with each new holder.
CREATE TABLE lease (
    name text NOT NULL PRIMARY KEY,
    holder text NOT NULL,
    fence bigint NOT NULL,
    until bigint NOT NULL
);
-- local
