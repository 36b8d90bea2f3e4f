-- What the installation remembers of itself, such as whether its demonstration city was founded completely.
CREATE TABLE setting (
    key text NOT NULL PRIMARY KEY,
    value text NOT NULL,
    set_at bigint NOT NULL
);
-- local
