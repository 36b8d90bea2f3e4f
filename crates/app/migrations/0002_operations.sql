-- What an operator looks at often: messages and jobs that have not ended well. Those that have are many.
CREATE INDEX outbox_open ON outbox (state, created_at) WHERE state IN ('waiting', 'sending', 'failed');
CREATE INDEX job_open ON job (state, run_at) WHERE state IN ('ready', 'running', 'failed');
