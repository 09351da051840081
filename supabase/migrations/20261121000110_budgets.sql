-- Budgets limit how often somebody may do something, so that one person, team or address does not slow down the others. The
-- limits are where the budgets are spent: server/limits.ts, and the functions that call take_budget().

-- Multiplies every budget. 1 in production. Only the owner of the database can change it; tests and benches do.
create table private.budget_settings (
  is_only boolean primary key default true check (is_only),
  factor real not null default 1 check (factor > 0)
);
insert into private.budget_settings default values;
comment on table private.budget_settings is
  'One row: the factor that multiplies all budgets. Test suites raise it';

-- One row for each budget in use: when it will be full again (the "theoretical arrival time" of the generic cell rate algorithm).
-- Unlogged: spending costs no flush to disk, and after a crash every budget is full.
create unlogged table private.budgets (
  kind text not null,
  subject text not null,
  whole_at timestamptz not null,
  primary key (kind, subject)
);
create index budgets_whole_at on private.budgets (whole_at); -- a job deletes full budgets
comment on table private.budgets is 'How much of a budget each person, team, address or mailbox has spent';
comment on column private.budgets.subject is 'Whose budget it is, such as user:<id>, team:<id> or address:192.0.2.1';

-- Spends `cost` of a budget that refills by `amount` within `span` and holds `burst` when it is full. `wait` is null if there was
-- enough; otherwise nothing is spent, and it is the seconds until there is enough. `remaining` is what can be spent at once from
-- now on. `reset` is the seconds until the budget is full. A cost larger than the budget spends all of it. The row stays locked
-- until the caller's transaction ends.
create function private.take_budget(kind text, subject text, amount integer, span interval, burst integer, cost integer default 1)
returns table (remaining integer, reset double precision, wait double precision)
language plpgsql security definer set search_path = '' as $$
declare
  called_at constant timestamptz := clock_timestamp();
  unit interval;
  price interval;
  whole interval;
  full_at timestamptz;
begin
  if amount < 1 or burst < 1 or cost < 0 then
    raise exception 'A budget has a positive amount and burst' using errcode = '22023';
  end if;
  select span / (amount * settings.factor), span / (amount * settings.factor) * burst * settings.factor into unit, whole
    from private.budget_settings as settings;
  price := least(unit * cost, whole);
  insert into private.budgets as spent (kind, subject, whole_at) values (take_budget.kind, take_budget.subject, called_at + price)
  on conflict on constraint budgets_pkey do update set whole_at = greatest(spent.whole_at, called_at) + price
    where greatest(spent.whole_at, called_at) + price <= called_at + whole
  returning spent.whole_at into full_at;
  if not found then
    select spent.whole_at into full_at from private.budgets as spent
      where spent.kind = take_budget.kind and spent.subject = take_budget.subject;
    wait := greatest(0, extract(epoch from full_at + price - called_at - whole));
  end if;
  remaining := greatest(0, floor(extract(epoch from called_at + whole - full_at) / extract(epoch from unit)));
  reset := greatest(0, extract(epoch from full_at - called_at));
  return next;
end $$;
comment on function private.take_budget(text, text, integer, interval, integer, integer) is
  'Spends from a budget, or returns the seconds to wait';

-- Reads a budget without spending, with the columns of take_budget(). `wait` is for a cost of 1.
create function private.read_budget(kind text, subject text, amount integer, span interval, burst integer)
returns table (remaining integer, reset double precision, wait double precision)
language plpgsql stable security definer set search_path = '' as $$
declare
  called_at constant timestamptz := clock_timestamp();
  unit interval;
  whole interval;
  full_at timestamptz;
begin
  select span / (amount * settings.factor), span / (amount * settings.factor) * burst * settings.factor into unit, whole
    from private.budget_settings as settings;
  select greatest(spent.whole_at, called_at) into full_at from private.budgets as spent
    where spent.kind = read_budget.kind and spent.subject = read_budget.subject;
  full_at := coalesce(full_at, called_at);
  remaining := greatest(0, floor(extract(epoch from called_at + whole - full_at) / extract(epoch from unit)));
  reset := extract(epoch from full_at - called_at);
  wait := case when full_at + unit > called_at + whole then extract(epoch from full_at + unit - called_at - whole) end;
  return next;
end $$;
comment on function private.read_budget(text, text, integer, interval, integer) is 'Returns what is left of a budget, without spending it';

-- Spends a budget within the transaction of the work, or raises 429 with the seconds to wait. For what a browser can do without
-- our routes: PostgREST answers PT429 with that status.
create function private.require_budget(kind text, subject text, amount integer, span interval, burst integer, cost integer default 1)
  returns void
language plpgsql security definer set search_path = '' as $$
declare
  seconds double precision;
begin
  select taken.wait into seconds
    from private.take_budget(require_budget.kind, require_budget.subject, require_budget.amount, require_budget.span, require_budget.burst,
      require_budget.cost) as taken;
  if seconds is not null then
    raise exception 'Too many requests; try again in % seconds', ceil(seconds)::integer using errcode = 'PT429', detail = 'rate_limited',
      hint = ceil(seconds)::text;
  end if;
end $$;
comment on function private.require_budget(text, text, integer, interval, integer, integer) is 'Spends from a budget, or raises 429';

-- Spends the budget of tickets and replies for people who write with their own token and without our routes. Routes set a
-- channel, and spend the same budget themselves (server/limits.ts).
create function private.tg_spend_budget() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select auth.uid()) is not null then
    perform private.require_budget('create', 'person:' || (select auth.uid()), 120, '1 minute', 120);
  end if;
  return new;
end $$;

-- Spends several budgets in order, `[{ "kind", "subject", "amount", "seconds", "burst" }, …]`, up to the first that is exhausted.
-- Returns one row for each budget that was tried.
create function private.take_budgets(budgets jsonb)
  returns table (kind text, subject text, remaining integer, reset double precision, wait double precision)
language plpgsql security definer set search_path = '' as $$
declare
  budget record;
begin
  for budget in
    select * from jsonb_to_recordset(take_budgets.budgets)
      as asked (kind text, subject text, amount integer, seconds integer, burst integer)
  loop
    kind := budget.kind;
    subject := budget.subject;
    select taken.remaining, taken.reset, taken.wait into remaining, reset, wait
    from private.take_budget(budget.kind, budget.subject, budget.amount, make_interval(secs => budget.seconds), budget.burst) as taken;
    return next;
    exit when wait is not null;
  end loop;
end $$;
comment on function private.take_budgets(jsonb) is 'Spends from several budgets in order, and stops at the first that refuses';

-- Not granted to anybody: routes spend past row-level security, and functions of the owner call these.
