-- Jobs: pg-boss keeps its queues in this schema and creates its tables itself when a server starts. Only the role of
-- the servers may use it.

create schema pgboss;
revoke all on schema pgboss from public, anon, authenticated, service_role;
comment on schema pgboss is 'The job queue; its tables are pg-boss''s own';
