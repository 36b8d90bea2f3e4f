-- How many open organisations of each kind serve a division: counted from the index alone.
CREATE INDEX org_open_by_region ON org (region_code, closed_on, kind);
