-- That somebody was invited to a role at an organisation, and what became of it. Nobody is named here; vouched for by facts.
CREATE TABLE invitation (
    org_id text NOT NULL,
    invitation_id text NOT NULL,
    role text NOT NULL,
    to_day bigint,
    invited_by text NOT NULL,
    invited_at bigint NOT NULL,
    ended_at bigint,
    how text CHECK (how IN ('accepted', 'declined', 'withdrawn')),
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, invitation_id)
);
-- shard: org_id

-- Whom an open invitation is for: found by the blind index of her number; name and number sealed. Gone when it ends or runs out.
CREATE TABLE invitation_contact (
    phone_index bytes NOT NULL,
    org_id text NOT NULL,
    role text NOT NULL,
    invitation_id text NOT NULL,
    contact_sealed bytes NOT NULL,
    expires_at bigint NOT NULL,
    told_at bigint NOT NULL,
    told bigint NOT NULL,
    PRIMARY KEY (phone_index, org_id, role)
);
-- shard: phone_index

CREATE INDEX invitation_contact_org ON invitation_contact (org_id, invitation_id);

-- A list of people to be invited, read from a file and right as a whole, until it is confirmed.
CREATE TABLE invitation_draft (
    draft_id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL,
    made_by text NOT NULL,
    rows_sealed bytes NOT NULL,
    expires_at bigint NOT NULL
);
-- shard: draft_id
