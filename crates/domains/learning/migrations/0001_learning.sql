-- Somebody was there, for so many minutes, and how sure that is.
CREATE TABLE attendance (
    org_id text NOT NULL,
    attendance_id text NOT NULL,
    session_id text NOT NULL,
    class_id text NOT NULL,
    offer_id text NOT NULL,
    person_id text NOT NULL,
    grade bigint NOT NULL CHECK (grade BETWEEN 1 AND 5),
    minutes bigint NOT NULL CHECK (minutes BETWEEN 0 AND 1440),
    method text NOT NULL CHECK (method IN ('code', 'card', 'roll')),
    recorded_by text NOT NULL,
    occurred_at bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('valid', 'reversed')),
    reason text NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, attendance_id),
    UNIQUE (org_id, session_id, person_id)
);
-- shard: org_id
CREATE INDEX attendance_by_class ON attendance (org_id, class_id, person_id);
CREATE INDEX attendance_by_time ON attendance (org_id, occurred_at);

-- Visitors without accounts, counted. Attendances 人次, never people 人数.
CREATE TABLE headcount (
    org_id text NOT NULL,
    headcount_id text NOT NULL,
    session_id text NOT NULL,
    class_id text NOT NULL,
    visitors bigint NOT NULL CHECK (visitors BETWEEN 1 AND 10000),
    evidence text NOT NULL,
    recorded_by text NOT NULL,
    occurred_at bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('valid', 'reversed')),
    reason text NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, headcount_id)
);
-- shard: org_id with attendance
CREATE INDEX headcount_by_session ON headcount (org_id, session_id);

-- A person completed a class.
CREATE TABLE completion (
    org_id text NOT NULL,
    completion_id text NOT NULL,
    class_id text NOT NULL,
    offer_id text NOT NULL,
    person_id text NOT NULL,
    minutes bigint NOT NULL,
    attended bigint NOT NULL,
    planned bigint NOT NULL,
    completed_at bigint NOT NULL,
    rev bigint NOT NULL,
    PRIMARY KEY (org_id, completion_id),
    UNIQUE (org_id, class_id, person_id)
);
-- shard: org_id with attendance

-- The secret behind a session's rotating code.
CREATE TABLE checkin_secret (
    org_id text NOT NULL,
    session_id text NOT NULL,
    secret bytes NOT NULL,
    PRIMARY KEY (org_id, session_id)
);
-- shard: org_id with attendance

-- Projection: each person's attendances, beside her other records.
CREATE TABLE my_attendance (
    person_id text NOT NULL,
    attendance_id text NOT NULL,
    org_id text NOT NULL,
    session_id text NOT NULL,
    class_id text NOT NULL,
    offer_id text NOT NULL,
    grade bigint NOT NULL,
    minutes bigint NOT NULL,
    method text NOT NULL,
    occurred_at bigint NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (person_id, attendance_id)
);
-- shard: person_id
CREATE INDEX my_attendance_by_time ON my_attendance (person_id, occurred_at);
