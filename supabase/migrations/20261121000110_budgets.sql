-- Budgets: how much somebody may do within a time, so that one person, team or address costs the others nothing. What the
-- limits are is said where they are spent: server/limits.ts, and the functions that call take_budget().

-- Multiplies every budget. 1 in production: nothing but the owner of the database can change it, and tests and benches do.
create table private.budget_settings (
  is_only boolean primary key default true check (is_only),
  factor real not null default 1 check (factor > 0)
);
insert into private.budget_settings default values;
comment on table private.budget_settings is
  'One row: the factor of all budgets, for test suites that do in a minute what people do in a week';

-- One row for a budget that is in use: when it will be whole again (the "theoretical arrival time" of the generic cell rate
-- algorithm). Unlogged: spending costs no flush to disk, and after a crash every budget is whole.
create unlogged table private.budgets (
  kind text not null,
  subject text not null,
  whole_at timestamptz not null,
  primary key (kind, subject)
);
create index budgets_whole_at on private.budgets (whole_at); -- what is forgotten
comment on table private.budgets is 'How much of a budget each person, team, address or mailbox has spent';
comment on column private.budgets.subject is 'Whose budget it is, such as user:<id>, team:<id> or address:192.0.2.1';

-- Spends `cost` of a budget that refills by `amount` within `span` and holds `burst` when it is whole. `wait` is null where
-- there was enough, else the seconds until there is, and nothing was spent. `remaining` is what may be spent at once from now
-- on, `reset` the seconds until the budget is whole. A cost beyond the whole budget is asked for all of it. The row stays
-- locked until the caller's transaction ends.
create function private.take_budget(kind text, subject text, amount integer, span interval, burst integer, cost integer default 1)
returns table (remaining integer, reset double precision, wait double precision)
language plpgsql security definer set search_path = '' as $$
declare
  moment constant timestamptz := clock_timestamp();
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
  insert into private.budgets as spent (kind, subject, whole_at) values (take_budget.kind, take_budget.subject, moment + price)
  on conflict on constraint budgets_pkey do update set whole_at = greatest(spent.whole_at, moment) + price
    where greatest(spent.whole_at, moment) + price <= moment + whole
  returning spent.whole_at into full_at;
  if not found then
    select spent.whole_at into full_at from private.budgets as spent
      where spent.kind = take_budget.kind and spent.subject = take_budget.subject;
    wait := greatest(0, extract(epoch from full_at + price - moment - whole));
  end if;
  remaining := greatest(0, floor(extract(epoch from moment + whole - full_at) / extract(epoch from unit)));
  reset := greatest(0, extract(epoch from full_at - moment));
  return next;
end $$;
comment on function private.take_budget(text, text, integer, interval, integer, integer) is 'Spends of a budget, or says how long to wait';

-- What is left of a budget, without spending: as take_budget() says it, `wait` for one more.
create function private.read_budget(kind text, subject text, amount integer, span interval, burst integer)
returns table (remaining integer, reset double precision, wait double precision)
language plpgsql stable security definer set search_path = '' as $$
declare
  moment constant timestamptz := clock_timestamp();
  unit interval;
  whole interval;
  full_at timestamptz;
begin
  select span / (amount * settings.factor), span / (amount * settings.factor) * burst * settings.factor into unit, whole
    from private.budget_settings as settings;
  select greatest(spent.whole_at, moment) into full_at from private.budgets as spent
    where spent.kind = read_budget.kind and spent.subject = read_budget.subject;
  full_at := coalesce(full_at, moment);
  remaining := greatest(0, floor(extract(epoch from moment + whole - full_at) / extract(epoch from unit)));
  reset := extract(epoch from full_at - moment);
  wait := case when full_at + unit > moment + whole then extract(epoch from full_at + unit - moment - whole) end;
  return next;
end $$;
comment on function private.read_budget(text, text, integer, interval, integer) is 'What is left of a budget';

-- Spends of a budget within the transaction of the work, or ends it with 429 and the seconds to wait. For what a browser may
-- do past our routes: PostgREST answers PT429 with that status.
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
comment on function private.require_budget(text, text, integer, interval, integer, integer) is 'Spends of a budget, or refuses with 429';

-- Spends of the tickets and replies of whoever writes with a token of their own past our routes, which say a channel and have
-- spent of the same budget (server/limits.ts).
create function private.tg_spend_budget() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select auth.uid()) is not null then
    perform private.require_budget('create', 'person:' || (select auth.uid()), 120, '1 minute', 120);
  end if;
  return new;
end $$;

-- Spends of several budgets in order, `[{ "kind", "subject", "amount", "seconds", "burst" }, …]`, up to the first that has not
-- enough: a row for each that was asked.
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
comment on function private.take_budgets(jsonb) is 'Spends of several budgets up to the first that refuses';

-- None of these is granted to anybody: routes spend past row-level security, and functions of the owner call them.
