-- How many of each kind every county has: counted in the order of this index, so that nothing is sorted.
CREATE INDEX org_open_by_county ON org (substr(region_code, 1, 6), kind) WHERE closed_on IS NULL;
