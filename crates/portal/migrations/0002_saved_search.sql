-- What a resident wants to be told of: the words and filters of a search, sealed under her own key. It is a wish of hers and no record, so it
-- is deleted without trace and no fact vouches for it.
CREATE TABLE saved_search (
    person_id text NOT NULL,
    search_id text NOT NULL,
    sealed bytes NOT NULL,
    created_at bigint NOT NULL,
    since_pos bigint NOT NULL,
    PRIMARY KEY (person_id, search_id)
);
-- shard: person_id

CREATE INDEX saved_search_since ON saved_search (since_pos);

-- What came up for a saved search since it was saved: an offer that was published, or a class that was opened. Once each.
CREATE TABLE saved_search_hit (
    person_id text NOT NULL,
    search_id text NOT NULL,
    what text NOT NULL,
    offer_id text NOT NULL,
    class_id text,
    found_at bigint NOT NULL,
    seen_at bigint,
    told_at bigint,
    PRIMARY KEY (person_id, search_id, what)
);
-- shard: person_id with saved_search

CREATE INDEX saved_search_hit_waiting ON saved_search_hit (person_id) WHERE told_at IS NULL AND seen_at IS NULL;
CREATE INDEX saved_search_hit_found ON saved_search_hit (found_at);

-- How a person is told: in which language, the key of the address that ends it, whether she ended it, and the day of the last message.
CREATE TABLE saved_search_notice (
    person_id text NOT NULL PRIMARY KEY,
    lang text NOT NULL,
    stop_key text NOT NULL,
    muted boolean NOT NULL,
    told_day bigint NOT NULL
);
-- shard: person_id with saved_search

CREATE INDEX saved_search_notice_stop ON saved_search_notice (stop_key);

-- Up to which position of the journal what is new was compared with the saved searches.
CREATE TABLE saved_search_mark (
    name text NOT NULL PRIMARY KEY,
    pos bigint NOT NULL
);
-- local
