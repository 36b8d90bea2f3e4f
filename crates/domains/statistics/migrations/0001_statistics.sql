-- Dense numbers of people, for bitmaps. A number says nothing by itself.
CREATE TABLE person_number (
    person_id text NOT NULL PRIMARY KEY,
    number bigint NOT NULL
);
-- local

-- Projection: what happened at an organisation in a month. Attendances add up; people are a bitmap and are united.
CREATE TABLE figure_cell (
    org_id text NOT NULL,
    month bigint NOT NULL,
    attendances bigint NOT NULL,
    visitors bigint NOT NULL,
    minutes bigint NOT NULL,
    people bytes NOT NULL,
    PRIMARY KEY (org_id, month)
);
-- shard: org_id

-- Projection: the city in a year, so that the home page need not unite thousands of cells.
CREATE TABLE figure_city (
    year bigint NOT NULL PRIMARY KEY,
    attendances bigint NOT NULL,
    visitors bigint NOT NULL,
    minutes bigint NOT NULL,
    learners bigint NOT NULL
);
-- local

-- Figures that come from documents, not from records.
CREATE TABLE reported_figure (
    figure_id text NOT NULL PRIMARY KEY,
    subject_zh text NOT NULL,
    subject_en text NOT NULL,
    value text NOT NULL,
    qualifier text NOT NULL,
    unit text NOT NULL,
    as_of text NOT NULL,
    place text NOT NULL,
    phrase text NOT NULL,
    document text NOT NULL,
    conflict_id text,
    note text NOT NULL,
    status text NOT NULL CHECK (status IN ('stated', 'disputed')),
    rev bigint NOT NULL
);
-- copy: everywhere
