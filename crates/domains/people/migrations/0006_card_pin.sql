-- Cards and PINs given out at counters: one row for each time, never changed, vouched for by a fact. The number of the card stands in `card`.
CREATE TABLE card_issue (
    person_id text NOT NULL,
    seq bigint NOT NULL,
    org_id text NOT NULL,
    what text NOT NULL CHECK (what IN ('card', 'pin')),
    issued_at bigint NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (person_id, seq)
);
-- shard: person_id with person

-- Which PIN holds, who gave it out, wrong tries since the last right one, locks since, and until when the card is locked. The PIN itself is nowhere.
CREATE TABLE card_pin (
    person_id text NOT NULL PRIMARY KEY,
    seq bigint NOT NULL,
    given_by text NOT NULL,
    fails bigint NOT NULL,
    locks bigint NOT NULL,
    locked_until bigint
);
-- shard: person_id with person
