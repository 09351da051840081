-- Functions that the realtime server calls as supabase_admin. All are SECURITY INVOKER, because they switch to the
-- subscriber's role and a SECURITY DEFINER function cannot set the role. Applied at each start of the server.

-- Drops the functions of a previous version: "create or replace" cannot change their parameters and results.
do $$
declare
  previous regprocedure;
begin
  for previous in select oid from pg_proc where pronamespace = 'realtime'::regnamespace and proowner = current_user::regrole loop
    execute format('drop function %s cascade', previous);
  end loop;
end $$;

-- Sets the role and the settings that policies on realtime.messages read, until the end of the (sub)transaction.
create or replace function realtime.impersonate(caller jsonb) returns void
language plpgsql as $$
begin
  perform
    set_config('realtime.topic', caller ->> 'topic', true),
    set_config('request.jwt.claims', caller ->> 'claims', true),
    set_config('request.jwt.claim.sub', coalesce(caller -> 'claims' ->> 'sub', ''), true),
    set_config('request.jwt.claim.role', caller ->> 'role', true),
    set_config('request.headers', coalesce(caller ->> 'headers', '{}'), true),
    set_config('role', caller ->> 'role', true);
end $$;

-- The extensions (broadcast, presence) whose probe row the caller can read. The exception rolls the probe rows back.
create or replace function realtime.readable_extensions(caller jsonb, extensions text[]) returns text[]
language plpgsql as $$
declare
  probes uuid[];
  readable text[];
begin
  begin
    with probe as (
      insert into realtime.messages (topic, extension)
      select caller ->> 'topic', extension from unnest(extensions) extension
      returning id
    )
    select array_agg(id) into probes from probe;
    perform realtime.impersonate(caller);
    select coalesce(array_agg(extension), '{}') into readable from realtime.messages where id = any (probes);
    raise sqlstate 'RT001';
  exception when sqlstate 'RT001' then
    return readable;
  end;
end $$;

-- Whether the caller may insert a message of this extension. The exception rolls the row back.
create or replace function realtime.is_writable(caller jsonb, extension text) returns boolean
language plpgsql as $$
begin
  perform realtime.impersonate(caller);
  insert into realtime.messages (topic, extension) values (caller ->> 'topic', is_writable.extension);
  raise sqlstate 'RT001';
exception
  when sqlstate 'RT001' then return true;
  when insufficient_privilege then return false;
end $$;

-- The SQL of one filter's comparison. $1 is the column's value as text, $2 the filter's value.
create or replace function realtime.comparison(type text, collation_name text, operator text) returns text
language sql immutable as $$
  select case operator
    when 'in' then format('%s = any ($2::text[]::%s[])', value, type)
    when 'is' then format('%s is ', value)
    else format('%s %s $2::%s', value, case operator
      when 'eq' then '=' when 'neq' then '<>' when 'lt' then '<' when 'lte' then '<=' when 'gt' then '>' when 'gte' then '>='
      when 'like' then 'like' when 'ilike' then 'ilike' when 'match' then '~' when 'imatch' then '~*'
      when 'isdistinct' then 'is distinct from' end,
      case when operator in ('like', 'ilike', 'match', 'imatch') then 'text' else type end)
  end
  from (select format('$1::%s', type) || coalesce(' collate ' || collation_name, '') as value) operand
$$;

-- Evaluates one filter on one value. Null, which counts as no match, when an operand makes the comparison null.
create or replace function realtime.is_match(test jsonb, value text) returns boolean
language plpgsql as $$
declare
  statement text := realtime.comparison(test ->> 'type', test ->> 'collation', test ->> 'operator');
  result boolean;
begin
  if test ->> 'operator' = 'is' then
    if test ->> 'value' not in ('null', 'true', 'false', 'unknown') then
      raise exception 'invalid value for is filter: %', test ->> 'value';
    end if;
    execute format('select %s %s', statement, test ->> 'value') into result using value;
  elsif test ->> 'operator' = 'in' then
    execute format('select %s', statement) into result
      using value, (select array_agg(item) from jsonb_array_elements_text(test -> 'value') item);
  else
    execute format('select %s', statement) into result using value, test ->> 'value';
  end if;
  return case when (test ->> 'negated')::boolean then not result else result end;
end $$;

-- Results of a batch of filter tests, in order. A test that raises does not match: the column's type changed after the subscription.
create or replace function realtime.match(tests jsonb) returns jsonb
language plpgsql as $$
declare
  test jsonb;
  results boolean[] := '{}';
begin
  for test in select value from jsonb_array_elements(tests) loop
    begin
      results := array_append(results, coalesce(realtime.is_match(test -> 'filter', test ->> 'value'), false));
    exception when others then
      results := array_append(results, false);
    end;
  end loop;
  return to_jsonb(results);
end $$;

-- The published tables that match a subscription's schema and table; null matches any.
create or replace function realtime.published_tables(schema_name text, table_name text) returns jsonb
language sql stable as $$
  select coalesce(jsonb_agg(class.oid::int8), '[]')
  from pg_publication_tables published
  join pg_namespace namespace on namespace.nspname = published.schemaname
  join pg_class class on class.relnamespace = namespace.oid and class.relname = published.tablename
  where published.pubname = 'supabase_realtime'
    and (schema_name is null or published.schemaname = schema_name)
    and (table_name is null or published.tablename = table_name)
$$;

-- Raises when a subscription's filters or columns do not fit the table. Returns the filters with their types and with
-- their values in the type's text format, which the server compares to replicated text.
create or replace function realtime.check_subscription(relation oid, role_name text, filters jsonb, columns text[]) returns jsonb
language plpgsql as $$
declare
  filter jsonb;
  checked jsonb := '[]';
  target record;
  canonical jsonb;
  name text;
begin
  foreach name in array columns loop
    if not exists (select from pg_attribute where attrelid = relation and attname = name and attnum > 0 and not attisdropped
      and has_column_privilege(role_name, relation, attnum, 'select')) then
      raise exception 'invalid column for select %', name;
    end if;
  end loop;
  for filter in select value from jsonb_array_elements(filters) loop
    select * into target from realtime.columns(relation) c
    where c.name = filter ->> 'column' and has_column_privilege(role_name, relation, c.attnum, 'select');
    if not found then
      raise exception 'invalid column for filter %', filter ->> 'column';
    end if;
    filter := filter || jsonb_build_object('type', target.type, 'collation', target.collation);
    canonical := filter -> 'value';
    if filter ->> 'operator' in ('match', 'imatch') then
      perform '' ~ (filter ->> 'value');
    elsif filter ->> 'operator' = 'in' then
      execute format('select to_jsonb(array(select item::%s::text from jsonb_array_elements_text($1) item))', target.type)
        into canonical using filter -> 'value';
    elsif filter ->> 'operator' in ('eq', 'neq', 'isdistinct') then
      execute format('select to_jsonb($1::%s::text)', target.type) into canonical using filter ->> 'value';
    elsif filter ->> 'operator' not in ('is', 'like', 'ilike') then
      execute format('select $1::%s', target.type) using filter ->> 'value';
    end if;
    perform realtime.is_match(filter, null);
    checked := checked || jsonb_build_array(filter || jsonb_build_object('canonical', canonical));
  end loop;
  return checked;
end $$;

create or replace function realtime.columns(relation oid)
returns table (attnum int2, name text, typid int8, typname text, type text, "collation" text, is_key boolean)
language sql stable as $$
  select attribute.attnum, attribute.attname, attribute.atttypid::int8, kind.typname, format_type(attribute.atttypid, -1),
    case when attribute.attcollation <> kind.typcollation
      then (select format('%I.%I', nspname, collname) from pg_collation join pg_namespace on pg_namespace.oid = collnamespace
        where pg_collation.oid = attribute.attcollation) end,
    coalesce(attribute.attnum = any (index.indkey::int2[]), false)
  from pg_attribute attribute
  join pg_type kind on kind.oid = attribute.atttypid
  left join pg_index index on index.indrelid = attribute.attrelid and index.indisprimary
  where attribute.attrelid = relation and attribute.attnum > 0 and not attribute.attisdropped
$$;

-- The catalog data that delivery of a table's changes needs: columns, and for each API role the selectable columns and
-- whether it bypasses policies.
create or replace function realtime.relation(relation oid) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'rls', class.relrowsecurity,
    'columns', (select coalesce(jsonb_agg(to_jsonb(c) order by c.attnum), '[]') from realtime.columns(relation) c),
    'roles', (
      select jsonb_object_agg(rolname, jsonb_build_object(
        'bypass', rolbypassrls or rolsuper,
        'selectable', (select coalesce(jsonb_agg(c.name), '[]') from realtime.columns(relation) c
          where has_column_privilege(pg_roles.oid, relation, c.attnum, 'select'))))
      from pg_roles where rolname in ('anon', 'authenticated', 'service_role'))
  )
  from pg_class class where class.oid = relation
$$;

create or replace function realtime.types(ids jsonb) returns jsonb
language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', kind.oid::int8, 'kind', kind.typtype, 'category', kind.typcategory, 'name', kind.typname, 'delimiter', element.typdelim,
    'element', kind.typelem::int8, 'base', kind.typbasetype::int8,
    'attributes', (select jsonb_agg(jsonb_build_object('name', attname, 'type', atttypid::int8) order by attnum)
      from pg_attribute where attrelid = kind.typrelid and attnum > 0 and not attisdropped and kind.typtype = 'c'))), '[]')
  from pg_type kind left join pg_type element on element.oid = kind.typelem
  where kind.oid in (select id::oid from jsonb_array_elements_text(ids) id)
$$;

-- Batched row-level security: for each caller (claims and primary keys), the positions of the keys that it can see now, or
-- an error when a policy raises. Sets the role only once, because a change of role discards the cached plan.
create or replace function realtime.visible_keys(relation oid, role_name text, callers jsonb) returns jsonb
language plpgsql as $$
declare
  statement text;
  caller jsonb;
  visible int[];
  results jsonb[] := '{}';
begin
  select format(
    'select array(select key.ordinality from jsonb_array_elements($1) with ordinality key where exists (select from %s where %s))',
    relation::regclass,
    string_agg(format('%I = (key.value ->> %s)::%s', name, position, type), ' and '))
  into statement
  from (select name, type, row_number() over (order by attnum) - 1 as position from realtime.columns(relation) where is_key) keys;
  perform set_config('role', role_name, true);
  for caller in select value from jsonb_array_elements(callers) loop
    perform set_config('request.jwt.claims', caller ->> 'claims', true);
    begin
      execute statement into visible using caller -> 'keys';
      results := array_append(results, jsonb_build_object('visible', visible));
    exception when others then
      results := array_append(results, jsonb_build_object('error', sqlerrm));
    end;
  end loop;
  perform set_config('role', 'none', true);
  return to_jsonb(results);
end $$;

-- Waits until the committed transactions (given by the lower 32 bits of their ids) are visible to all sessions. Replication
-- sends a commit when it is on disk, which is shortly before other sessions see it.
create or replace function realtime.await_visible(xids int8[]) returns void
language plpgsql as $$
declare
  seen pg_snapshot;
begin
  loop
    seen := pg_current_snapshot();
    exit when (
      select bool_and(pg_visible_in_snapshot(((xmax + ((xid - xmax + 2147483648) % 4294967296 + 4294967296) % 4294967296 - 2147483648))::text::xid8, seen))
      from unnest(xids) xid, (select pg_snapshot_xmax(seen)::text::int8 as xmax) latest
    );
    perform pg_sleep(0.0005);
  end loop;
end $$;

-- Only the server may call these functions.
do $$
declare
  own_function regprocedure;
begin
  for own_function in select oid from pg_proc where pronamespace = 'realtime'::regnamespace and proowner = current_user::regrole loop
    execute format('revoke execute on function %s from public', own_function);
  end loop;
end $$;
