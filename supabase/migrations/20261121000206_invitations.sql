-- Invitations: by mail, into a team with a role.

create table public.team_invitations (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  email text not null check (private.is_email(email)),
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  invited_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '72 hours',
  unique (team_id, email)
);
alter table public.team_invitations enable row level security;
create index team_invitations_invited_by on public.team_invitations (invited_by);
comment on table public.team_invitations is 'An invitation by mail; accepting or revoking it deletes the row, so a token works once';
comment on column public.team_invitations.token_hash is 'SHA-256 of the token in the mail; no role may select it';

-- Invites a mailbox, or renews its invitation: a new token and another 72 hours; the old token becomes invalid.
create function private.save_invitation(team_id uuid, email text, role text, token_hash bytea) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  saved uuid;
begin
  if not private.has_permission(save_invitation.team_id, 'members.invite')
    or (save_invitation.role = 'owner' and not private.has_permission(save_invitation.team_id, 'members.manage_owners')) then
    raise exception 'Your role does not allow this invitation' using errcode = 'PT403', detail = 'forbidden';
  end if;
  perform private.require_recent_sign_in(); -- for every role: the invitation outlives the session
  if exists (
    select from public.team_members as member
    join public.profiles as profile on profile.id = member.user_id
    where member.team_id = save_invitation.team_id and profile.email = save_invitation.email
  ) then
    raise exception 'This person is already a member' using errcode = 'PT409', detail = 'already_member';
  end if;
  -- Counts for everybody: a person who answered the team once did not ask for more invitations.
  perform private.require_stranger_mail(save_invitation.team_id, 'invitation', save_invitation.email);
  insert into public.team_invitations as invitation (team_id, email, role, token_hash, invited_by)
  values (save_invitation.team_id, save_invitation.email, save_invitation.role, save_invitation.token_hash, (select auth.uid()))
  on conflict on constraint team_invitations_team_id_email_key do update set
    role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
    created_at = now(), expires_at = now() + interval '72 hours'
  returning invitation.id into saved;
  return saved;
end $$;

-- What the holder of a token may see before they sign in: the token itself is the permission.
create function private.invitation_preview(token_hash bytea)
returns table (team_name text, email text, role text, invited_by text, expires_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.name, invitation.email, invitation.role, inviter.full_name, invitation.expires_at
    from public.team_invitations as invitation
    join public.teams as team on team.id = invitation.team_id
    left join public.profiles as inviter on inviter.id = invitation.invited_by
    where invitation.token_hash = invitation_preview.token_hash and invitation.expires_at > now();
end $$;

-- Accepts an invitation for the caller. Their confirmed mailbox must be the invited one, and the inviter must still be allowed to
-- offer this role. The row lock lets only one of several simultaneous calls succeed.
create function private.accept_invitation(token_hash bytea) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  invitation public.team_invitations;
begin
  perform private.require_person();
  select * into invitation from public.team_invitations as candidate
  where candidate.token_hash = accept_invitation.token_hash and candidate.expires_at > now() for update;
  if not found then
    raise exception 'This invitation is no longer valid' using errcode = 'PT404', detail = 'invitation_invalid';
  end if;
  if not exists (
    select from auth.users as account
    where account.id = (select auth.uid()) and lower(account.email) = invitation.email and account.email_confirmed_at is not null
  ) then
    raise exception 'This invitation is for another mailbox' using errcode = 'PT403', detail = 'wrong_mailbox';
  end if;
  if not exists (
    select from public.team_members as inviter
    join private.role_permissions as rule on rule.role = inviter.role
    where inviter.team_id = invitation.team_id and inviter.user_id = invitation.invited_by
      and rule.permission = case when invitation.role = 'owner' then 'members.manage_owners' else 'members.invite' end
  ) then
    raise exception 'This invitation is no longer valid' using errcode = 'PT404', detail = 'invitation_invalid';
  end if;
  insert into public.team_members (team_id, user_id, role)
  values (invitation.team_id, (select auth.uid()), invitation.role)
  on conflict (team_id, user_id) do nothing;
  delete from public.team_invitations where id = invitation.id;
  perform private.remember_mailbox(invitation.team_id, invitation.email);
  return invitation.team_id;
end $$;
grant execute on function private.save_invitation(uuid, text, text, bytea), private.accept_invitation(bytea) to authenticated;
grant usage on schema private to anon;
grant execute on function private.invitation_preview(bytea) to anon, authenticated;
