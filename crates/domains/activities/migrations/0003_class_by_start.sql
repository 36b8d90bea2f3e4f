-- What begins next in the whole city: the home page.
CREATE INDEX class_by_start ON class (status, starts_at, class_id);
