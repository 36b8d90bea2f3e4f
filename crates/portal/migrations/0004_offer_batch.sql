-- Work on many offers at once: what is to be done, by whom, and how far it has come. "batch_order" below says for good that it was ordered.
CREATE TABLE offer_batch (
    batch_id text NOT NULL PRIMARY KEY,
    person_id text NOT NULL,
    action text NOT NULL CHECK (action IN ('publish', 'withdraw', 'audience', 'cost', 'subject')),
    value text NOT NULL,
    state text NOT NULL CHECK (state IN ('making', 'preview', 'running', 'done', 'undoing', 'undone')),
    made_at bigint NOT NULL,
    ended_at bigint,
    undone_by text
);
-- shard: batch_id

-- One offer of a batch: what it was, what became of it, and why not. "rev_after" is the version that the batch left.
CREATE TABLE offer_batch_item (
    batch_id text NOT NULL,
    n bigint NOT NULL,
    offer_id text NOT NULL,
    org_id text,
    seen_rev bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('unfit', 'planned', 'done', 'refused', 'undone', 'kept')),
    reason text,
    was text,
    rev_after bigint,
    PRIMARY KEY (batch_id, n)
);
-- shard: batch_id with offer_batch

CREATE INDEX offer_batch_item_state ON offer_batch_item (batch_id, state, n);
CREATE INDEX offer_batch_maker ON offer_batch (person_id, batch_id);

-- The organisations of a batch's offers: who holds the right over all of them sees it.
CREATE TABLE offer_batch_org (
    batch_id text NOT NULL,
    org_id text NOT NULL,
    PRIMARY KEY (batch_id, org_id)
);
-- shard: batch_id with offer_batch

-- That a batch was ordered, and that it was undone.
CREATE TABLE batch_order (
    batch_id text NOT NULL PRIMARY KEY,
    person_id text NOT NULL,
    action text NOT NULL,
    value text NOT NULL,
    offers bigint NOT NULL,
    ordered_at bigint NOT NULL,
    undone_by text,
    undone_at bigint,
    rev bigint NOT NULL
);
-- shard: batch_id with offer_batch
