-- Reply addresses: where the answers of clients go. An address is used after somebody who reads its mailbox has agreed through a link
-- in a mail, so that a team never sends its clients' answers to a stranger.

create table private.reply_address_requests (
  team_id uuid primary key references public.teams (id) on delete cascade,
  email text not null check (private.is_email(email)),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  requested_by uuid not null references public.profiles (id) on delete cascade,
  expires_at timestamptz not null default now() + interval '72 hours',
  mailed_at timestamptz -- null: the mail was not sent yet, or could not be sent
);
create index reply_address_requests_requested_by on private.reply_address_requests (requested_by); -- the foreign key
comment on table private.reply_address_requests is 'Reply addresses that wait for confirmation, with the SHA-256 of the mailed token';

-- Requests another reply address; the current one stays in use until the new one is confirmed. The mail counts as an invitation.
-- Returns false if the same request was made and mailed within the last ten minutes: a retry after a lost answer then changes nothing,
-- and the first link stays valid.
create function private.request_reply_address(team_id uuid, email text, token_hash bytea) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(request_reply_address.team_id, 'team.update');
  perform private.require_recent_sign_in(); -- clients' answers go there after the session has ended
  if exists (
    select from private.reply_address_requests as request
    where request.team_id = request_reply_address.team_id and request.email = request_reply_address.email
      and request.mailed_at > now() - interval '10 minutes'
      and request.requested_by = (select auth.uid()) -- the link checks the rights of this person
  ) then
    return false;
  end if;
  perform private.require_stranger_mail(request_reply_address.team_id, 'invitation', request_reply_address.email);
  insert into private.reply_address_requests as request (team_id, email, token_hash, requested_by)
  values (request_reply_address.team_id, request_reply_address.email, request_reply_address.token_hash, (select auth.uid()))
  on conflict on constraint reply_address_requests_pkey do update
  set email = excluded.email, token_hash = excluded.token_hash, requested_by = excluded.requested_by, expires_at = excluded.expires_at,
    mailed_at = null;
  return true;
end $$;

-- Records that the mail server accepted the mail with this token. Returns whether the request still exists.
create function private.record_reply_address_mail(team_id uuid, token_hash bytea) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(record_reply_address_mail.team_id, 'team.update');
  update private.reply_address_requests as request set mailed_at = now()
  where request.team_id = record_reply_address_mail.team_id and request.token_hash = record_reply_address_mail.token_hash;
  return found;
end $$;

-- Removes the reply address, and a request for another one.
create function private.clear_reply_address(team_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(clear_reply_address.team_id, 'team.update');
  delete from private.reply_address_requests as request where request.team_id = clear_reply_address.team_id;
  update public.teams as team set reply_to_email = null where team.id = clear_reply_address.team_id and team.reply_to_email is not null;
end $$;

create function private.reply_address(team_id uuid) returns table (email text, pending_email text, pending_until timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(reply_address.team_id, 'team.update');
  return query
    select team.reply_to_email, request.email, request.expires_at
    from public.teams as team
    left join private.reply_address_requests as request on request.team_id = team.id and request.expires_at > now()
    where team.id = reply_address.team_id;
end $$;

-- What the holder of a token sees: the token itself is the permission. Reading does not consume it.
create function private.reply_address_preview(token_hash bytea) returns table (team_name text, email text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.name, request.email
    from private.reply_address_requests as request
    join public.teams as team on team.id = request.team_id
    where request.token_hash = reply_address_preview.token_hash and request.expires_at > now();
end $$;

-- A reader of the mailbox agrees. The member who asked must still be allowed to ask.
create function private.confirm_reply_address(token_hash bytea) returns table (team_name text, email text)
language plpgsql security definer set search_path = '' as $$
declare
  request private.reply_address_requests;
begin
  delete from private.reply_address_requests as candidate
  where candidate.token_hash = confirm_reply_address.token_hash and candidate.expires_at > now()
    and exists (
      select from public.team_members as member
      join private.role_permissions as rule on rule.role = member.role and rule.permission = 'team.update'
      where member.team_id = candidate.team_id and member.user_id = candidate.requested_by
    )
  returning candidate.* into request;
  if not found then
    raise exception 'This link is no longer valid' using errcode = 'PT404';
  end if;
  -- The audit log names the member who asked as the actor, even if somebody else is signed in where the mail is read.
  perform set_config('request.jwt.claims', jsonb_build_object('sub', request.requested_by, 'role', 'authenticated')::text, true);
  update public.teams as team set reply_to_email = request.email where team.id = request.team_id;
  perform set_config('request.jwt.claims', '', true);
  return query select team.name, request.email from public.teams as team where team.id = request.team_id;
end $$;
grant execute on function private.request_reply_address(uuid, text, bytea), private.record_reply_address_mail(uuid, bytea),
    private.clear_reply_address(uuid), private.reply_address(uuid)
  to authenticated;
grant execute on function private.reply_address_preview(bytea), private.confirm_reply_address(bytea) to anon;
