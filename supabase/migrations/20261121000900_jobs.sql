-- Jobs: pg-boss keeps its queues in this schema, and makes its tables itself when a server starts. It is no part of any
-- API: nobody but the role of the servers gets in.

create schema pgboss;
revoke all on schema pgboss from public, anon, authenticated, service_role;
comment on schema pgboss is 'The job queue; its tables are pg-boss''s own';
