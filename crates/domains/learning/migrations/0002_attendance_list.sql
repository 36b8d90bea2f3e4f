-- Lists over many organisations: the newest of all, those of one way of check-in, and the few that were reversed.
CREATE INDEX attendance_by_moment ON attendance (occurred_at, attendance_id);
CREATE INDEX attendance_by_method ON attendance (method, occurred_at, attendance_id);
CREATE INDEX attendance_reversed ON attendance (occurred_at, attendance_id) WHERE status = 'reversed';
