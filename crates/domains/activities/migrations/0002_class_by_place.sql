-- What begins next at a place, or at many: asked for by place pages and nearby, for each organisation from now on.
CREATE INDEX class_by_org_start ON class (org_id, status, starts_at);
