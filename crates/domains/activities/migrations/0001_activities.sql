-- A class 班次: one run of an offer, with seats.
CREATE TABLE class (
    org_id text NOT NULL,
    class_id text NOT NULL,
    offer_id text NOT NULL,
    title text NOT NULL,
    teacher_id text,
    capacity bigint NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
    taken bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('open', 'closed', 'cancelled')),
    venue text NOT NULL,
    room text NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    sessions bigint NOT NULL,
    minutes_planned bigint NOT NULL,
    demo boolean NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, class_id),
    CHECK (taken BETWEEN 0 AND capacity)
);
-- shard: org_id
CREATE INDEX class_by_offer ON class (offer_id, starts_at);
CREATE INDEX class_by_time ON class (status, ends_at);

-- A session 课次: one meeting of a class.
CREATE TABLE class_session (
    org_id text NOT NULL,
    session_id text NOT NULL,
    class_id text NOT NULL,
    number bigint NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    teacher_id text,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, session_id),
    CHECK (ends_at > starts_at)
);
-- shard: org_id with class
CREATE INDEX class_session_by_class ON class_session (org_id, class_id, starts_at);
CREATE INDEX class_session_by_teacher ON class_session (teacher_id, starts_at);
CREATE INDEX class_session_by_org_time ON class_session (org_id, starts_at);

-- A seat in a class. It is never deleted; a seat given back is cancelled, and may be taken again.
CREATE TABLE enrolment (
    org_id text NOT NULL,
    enrolment_id text NOT NULL,
    class_id text NOT NULL,
    person_id text NOT NULL,
    status text NOT NULL CHECK (status IN ('seated', 'cancelled')),
    enrolled_at bigint NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, enrolment_id),
    UNIQUE (org_id, class_id, person_id)
);
-- shard: org_id with class

-- Where a class or a session lives, for look-ups by its own identifier.
CREATE TABLE class_directory (
    class_id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL
);
-- shard: class_id
CREATE TABLE session_directory (
    session_id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL,
    class_id text NOT NULL
);
-- shard: session_id

-- Projection: the classes of a person, for her passport.
CREATE TABLE my_class (
    person_id text NOT NULL,
    class_id text NOT NULL,
    org_id text NOT NULL,
    status text NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    PRIMARY KEY (person_id, class_id)
);
-- shard: person_id
