-- A decision that changes the network or the divisions 机构调整: what it says, and whether it was carried out.
CREATE TABLE reorganisation (
    reorganisation_id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL,
    title text NOT NULL,
    document text NOT NULL,
    effective_on bigint NOT NULL,
    lines text NOT NULL,
    status text NOT NULL CHECK (status IN ('prepared', 'planned', 'applied', 'undone', 'discarded')),
    carried text NOT NULL,
    prepared_at bigint NOT NULL,
    applied_at bigint,
    undone_at bigint,
    rev bigint NOT NULL
);
-- copy: everywhere
CREATE INDEX reorganisation_by_time ON reorganisation (prepared_at, reorganisation_id);
CREATE INDEX reorganisation_due ON reorganisation (effective_on) WHERE status = 'planned';

-- How an organisation stood in the network before and after a change; `seq` is the `rev` of its row after it.
CREATE TABLE org_change (
    org_id text NOT NULL,
    seq bigint NOT NULL,
    reorganisation_id text,
    effective_on bigint NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    changed_at bigint NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, seq)
);
-- copy: everywhere
CREATE INDEX org_change_by_reorganisation ON org_change (reorganisation_id, org_id);

-- Which division followed which. Both codes stay: addresses of before lead on.
CREATE TABLE region_change (
    from_code text NOT NULL,
    to_code text NOT NULL,
    effective_on bigint NOT NULL,
    reorganisation_id text NOT NULL,
    undone boolean NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (from_code, to_code)
);
-- copy: everywhere
CREATE INDEX region_change_to ON region_change (to_code);
CREATE INDEX region_change_by_reorganisation ON region_change (reorganisation_id);

-- The organisation that took this one in; empty for most.
ALTER TABLE org ADD COLUMN successor text NOT NULL DEFAULT '';
