-- Rows of a file with organisations that somebody looks through before they are taken over. No record: they go after a day, and when they were
-- taken over only the numbers stay so long.
CREATE TABLE org_import (
    import_id text NOT NULL PRIMARY KEY,
    org_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'applied')),
    content text NOT NULL,
    founded bigint NOT NULL,
    changed bigint NOT NULL,
    same bigint NOT NULL,
    made_at bigint NOT NULL
);
-- local
CREATE INDEX org_import_by_org ON org_import (org_id, made_at, import_id);
CREATE INDEX org_import_by_time ON org_import (made_at);
