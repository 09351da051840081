-- Sessions: an access token is valid for an hour, but its session may end earlier. Revoking a session (sign-out, another
-- password, a ban) takes effect at once.

-- A session is live while its row exists and its account is neither banned nor deleted.
create function private.is_live_session(session_id uuid, user_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from auth.sessions as session
    join auth.users as person on person.id = session.user_id
    where session.id = is_live_session.session_id and session.user_id = is_live_session.user_id
      and (session.not_after is null or session.not_after > now())
      and (person.banned_until is null or person.banned_until <= now())
      and person.deleted_at is null
  );
end $$;
comment on function private.is_live_session(uuid, uuid) is
  'Whether the session has not ended and its account is neither banned nor deleted';

-- The server calls this in the statement that opens a caller's transaction, before it takes their role.
create function private.require_live_session(session_id uuid, user_id uuid) returns void
language plpgsql stable set search_path = '' as $$
begin
  if not private.is_live_session(require_live_session.session_id, require_live_session.user_id) then
    raise exception 'Your session has ended. Sign in again' using errcode = 'PT401', detail = 'session_ended';
  end if;
end $$;

-- Access tokens of Supabase Auth always name a session. Jobs that act for a person have none.
create function private.claimed_session_id() returns uuid
language plpgsql stable set search_path = '' as $$
begin
  return (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'session_id')::uuid;
end $$;

-- The functions behind the policies call this. So it also holds for callers of the Data API and for subscribers of
-- postgres_changes. If the server has checked the session already, a setting says so for the rest of its transaction.
create function private.has_live_session() returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  session_id uuid := private.claimed_session_id();
begin
  return session_id is null or session_id::text is not distinct from current_setting('switchboard.live_session', true)
    or private.is_live_session(session_id, (select auth.uid()));
end $$;
comment on function private.has_live_session() is 'False if the session of the caller''s access token has ended';

-- A sign-in creates a session, and a refresh never does. So the age of the session is the time since the last sign-in.
create function private.has_recent_sign_in() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from auth.sessions as session
    where session.id = private.claimed_session_id() and session.user_id = (select auth.uid())
      and session.created_at > now() - interval '15 minutes'
  );
end $$;
comment on function private.has_recent_sign_in() is 'Whether the caller''s session began within the last 15 minutes';

-- For actions that outlive a stolen session: access for somebody else, an address that receives data.
-- docs/decisions/010 lists them.
create function private.require_recent_sign_in() returns void
language plpgsql stable set search_path = '' as $$
begin
  if not private.has_recent_sign_in() then
    raise exception 'Enter your password again: your last sign-in was more than 15 minutes ago' using errcode = 'PT403',
      detail = 'reauthentication_required';
  end if;
end $$;

grant execute on function private.claimed_session_id(), private.has_live_session(), private.has_recent_sign_in(),
    private.require_recent_sign_in()
  to authenticated;

-- PostgREST calls this before each request of the Data API. It refuses an ended session, which would otherwise see empty tables.
create function private.check_data_api_request() returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.has_live_session() then
    raise exception 'Your session has ended. Sign in again' using errcode = 'PT401', detail = 'session_ended';
  end if;
end $$;
-- Runs in the role of the request, so every role needs it.
grant usage on schema private to anon;
grant execute on function private.check_data_api_request() to anon, authenticated, service_role;
alter role authenticator set pgrst.db_pre_request = 'private.check_data_api_request';
notify pgrst, 'reload config';
