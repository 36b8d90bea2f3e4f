-- Messages on their way. `sealed` holds address and text under a key of the installation and is wiped at the end.
CREATE TABLE outbox (
    message_id text NOT NULL PRIMARY KEY,
    channel text NOT NULL,
    sealed bytes,
    state text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    attempts bigint NOT NULL,
    last_error text,
    ended_at bigint
);
-- shard: message_id
