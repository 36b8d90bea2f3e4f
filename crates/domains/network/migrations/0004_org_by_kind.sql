-- Libraries of a district: the few of a kind among the many of a place.
CREATE INDEX org_by_kind ON org (kind, region_code, name, org_id);
