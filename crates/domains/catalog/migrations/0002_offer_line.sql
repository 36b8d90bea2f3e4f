-- What lists of offers are searched, filtered and sorted by: a narrow copy of each offer, written in the transaction that writes the offer.
-- It can be made anew from the offers at any time ("rev" tells whether it is behind). Which moment an old offer was last changed at is not
-- known here, so those begin without one, or with that of their publishing.
CREATE TABLE offer_line (
    org_id text NOT NULL,
    offer_id text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    subject_code text NOT NULL,
    audience text NOT NULL,
    status text NOT NULL,
    cost_fen bigint NOT NULL,
    changed_at bigint,
    published_at bigint,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, offer_id)
);
-- shard: org_id with offer
CREATE INDEX offer_line_by_change ON offer_line (changed_at, offer_id);
CREATE INDEX offer_line_by_publishing ON offer_line (published_at, offer_id);
CREATE INDEX offer_line_by_title ON offer_line (title, offer_id);
CREATE INDEX offer_line_by_cost ON offer_line (cost_fen, offer_id);
CREATE INDEX offer_line_by_id ON offer_line (offer_id);

INSERT INTO offer_line (org_id, offer_id, title, kind, subject_code, audience, status, cost_fen, changed_at, published_at, rev)
SELECT org_id, offer_id, title, kind, subject_code, audience, status, cost_fen, published_at, published_at, rev FROM offer;
