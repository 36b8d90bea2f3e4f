-- An administrative division 行政区划 as published: reference data, the same everywhere.
CREATE TABLE region (
    code text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    short_name text NOT NULL,
    kind text NOT NULL,
    level bigint NOT NULL CHECK (level BETWEEN 1 AND 5),
    parent text,
    region_group text,
    valid_from bigint NOT NULL,
    valid_to bigint,
    population bigint CHECK (population >= 0),
    population_on bigint,
    population_source text,
    lon double,
    lat double,
    rev bigint NOT NULL,
    CHECK ((population IS NULL) = (population_on IS NULL))
);
-- copy: everywhere
CREATE INDEX region_by_parent ON region (parent, code);

-- An organisation 机构. Its identifier never changes; names, places and parents may.
CREATE TABLE org (
    org_id text NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    region_code text NOT NULL,
    parent_id text,
    address text NOT NULL,
    phone text NOT NULL,
    hours text NOT NULL,
    lon double,
    lat double,
    place_note text NOT NULL,
    demo boolean NOT NULL,
    opened_on bigint NOT NULL,
    closed_on bigint,
    rev bigint NOT NULL
);
-- copy: everywhere
CREATE INDEX org_by_parent ON org (parent_id, region_code, name, org_id);
CREATE INDEX org_by_region ON org (region_code, name, org_id);

-- Who is above whom, and since when: every pair of an organisation and one above it, itself included with depth 0.
-- It follows from org.parent_id, and the check "network.tree" compares the two.
CREATE TABLE org_tree (
    org_id text NOT NULL,
    ancestor_id text NOT NULL,
    from_day bigint NOT NULL,
    depth bigint NOT NULL CHECK (depth >= 0),
    to_day bigint,
    PRIMARY KEY (org_id, ancestor_id, from_day)
);
-- copy: everywhere
CREATE INDEX org_tree_below ON org_tree (ancestor_id, org_id);
