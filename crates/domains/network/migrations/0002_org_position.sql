-- What is near a point is asked for by a rectangle around it.
CREATE INDEX org_by_position ON org (lat, lon);
