-- Dense numbers of people, from 0, for bitmaps. A number says nothing by itself.
CREATE TABLE person_number (
    person_id text NOT NULL PRIMARY KEY,
    number bigint NOT NULL
);
-- local
CREATE INDEX person_number_by_number ON person_number (number);

-- Projection: what happened at an organisation in a month. All counts add up, people do not: they are a set (a serialised
-- roaring bitmap of their numbers), and sets are united.
CREATE TABLE figure_cell (
    org_id text NOT NULL,
    month bigint NOT NULL,
    attendances bigint NOT NULL,
    visitors bigint NOT NULL,
    minutes bigint NOT NULL,
    classes bigint NOT NULL,
    certificates bigint NOT NULL,
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

-- Projection: certificates beside the organisation that held the class; the certificate itself lies with its holder.
CREATE TABLE certificate_here (
    org_id text NOT NULL,
    credential_id text NOT NULL,
    class_id text NOT NULL,
    issued_at bigint NOT NULL,
    valid boolean NOT NULL,
    PRIMARY KEY (org_id, credential_id)
);
-- shard: org_id with figure_cell
CREATE INDEX certificate_here_by_time ON certificate_here (org_id, issued_at);

-- Figures that come from documents, not from records.
CREATE TABLE reported_figure (
    figure_id text NOT NULL PRIMARY KEY,
    subject_zh text NOT NULL,
    subject_en text NOT NULL,
    value text NOT NULL,
    qualifier text NOT NULL,
    unit text NOT NULL,
    as_of text NOT NULL,
    level text NOT NULL,
    place text NOT NULL,
    phrase text NOT NULL,
    document text NOT NULL,
    conflict_id text,
    note text NOT NULL,
    status text NOT NULL CHECK (status IN ('stated', 'disputed')),
    rev bigint NOT NULL
);
-- copy: everywhere
