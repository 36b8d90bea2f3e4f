-- Counters of things that may be done only so often (codes sent, sign-ins tried), by fixed window.
CREATE TABLE rate (
    key text NOT NULL,
    window_start bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (key)
);
-- local
