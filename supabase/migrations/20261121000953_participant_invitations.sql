-- Participant invitations: the requester of a ticket wants somebody in copy. The person is asked by mail, and takes part after they have
-- pressed the button behind the link. Nothing here reveals to the requester whether the team knows an address.

create table private.participant_invitations (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  ticket_id uuid not null,
  address text not null check (private.is_email(address)),
  invited_by uuid not null, -- the contact who was the requester then
  contact_id uuid, -- who confirmed it; null: nobody yet
  token_hash bytea unique check (octet_length(token_hash) = 32), -- null: no mail was written yet, or its link was revoked or used
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '7 days',
  unique (ticket_id, address),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, invited_by) references public.contacts (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index participant_invitations_ticket_id on private.participant_invitations (team_id, ticket_id); -- the foreign key
create index participant_invitations_invited_by on private.participant_invitations (team_id, invited_by); -- the foreign key
create index participant_invitations_contact_id on private.participant_invitations (team_id, contact_id); -- the foreign key
create index participant_invitations_expires_at on private.participant_invitations (expires_at); -- a job deletes expired ones
comment on table private.participant_invitations is
  'Whom requesters invited to take part in their tickets, with the SHA-256 of the mailed token';

-- The ticket that the client may invite people to: it is their own. Raises 404 for any other, also for a participant and for a colleague.
create function private.inviting_ticket(team_id uuid, ticket_number integer, contact_id uuid, only_id uuid) returns public.tickets
language plpgsql stable security definer set search_path = '' as $$
declare
  ticket public.tickets := private.client_ticket(inviting_ticket.team_id, inviting_ticket.ticket_number, inviting_ticket.contact_id,
    inviting_ticket.only_id);
begin
  if ticket.contact_id is distinct from inviting_ticket.contact_id then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  return ticket;
end $$;

-- The invitations to a ticket that this requester made, also as a duplicate that was merged into them: those that wait, and those of
-- people who confirmed and still take part.
create function private.own_invitations(ticket public.tickets) returns setof private.participant_invitations
language plpgsql stable security definer set search_path = '' rows 10 as $$
begin
  return query
    select invitation.* from private.participant_invitations as invitation
    join public.contacts as inviter on inviter.team_id = invitation.team_id and inviter.id = invitation.invited_by
    where invitation.ticket_id = ticket.id and coalesce(inviter.merged_into, inviter.id) = ticket.contact_id
      and case when invitation.contact_id is null then invitation.expires_at > now() else exists (
        select from public.ticket_participants as entry
        where entry.team_id = ticket.team_id and entry.ticket_id = ticket.id and entry.contact_id = invitation.contact_id
      ) end;
end $$;

-- Whom the caller invited to their ticket, oldest first, with shortened addresses. No rows for somebody who is not the requester.
create function portal.invitations(team_id uuid, ticket_number integer)
returns table (id uuid, address text, is_confirmed boolean)
language plpgsql stable security definer set search_path = '' as $$
declare
  client record := private.require_client(invitations.team_id);
  ticket public.tickets :=
    private.client_ticket(invitations.team_id, invitations.ticket_number, client.contact_id, client.ticket_id);
begin
  if ticket.contact_id is distinct from client.contact_id then
    return;
  end if;
  return query
    select invitation.id, left(invitation.address, 1) || '…' || substring(invitation.address from '@[^@]*$'),
      invitation.contact_id is not null
    from private.own_invitations(ticket) as invitation order by invitation.created_at, invitation.id;
end $$;

-- Asks somebody by mail whether they want to take part. The same address within ten minutes changes nothing; later it gets another mail,
-- and the first link stops working. Whether the team knows the address, or has blocked it, changes nothing here: the mail is written later.
-- Raises 404 for somebody who is not the requester, 409 `ticket_closed` and `already_participant`, 422 `own_address` for the team,
-- `is_requester` for the caller and `invitation_limit` beyond ten for a ticket, 429 after ten in a day.
create function portal.invite_participant(team_id uuid, ticket_number integer, address text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(invite_participant.team_id);
  ticket public.tickets := private.inviting_ticket(invite_participant.team_id, invite_participant.ticket_number, client.contact_id,
    client.ticket_id);
  known private.participant_invitations;
begin
  perform private.begin_client_write(client.contact_id, 'portal_reply', 60);
  select candidate.* into ticket from public.tickets as candidate where candidate.id = ticket.id for no key update;
  if ticket.status = 'closed' then
    raise exception 'This request is closed' using errcode = 'PT409', detail = 'ticket_closed';
  end if;
  if private.is_own_address(ticket.team_id, invite_participant.address) then
    raise exception 'This is an address of the team' using errcode = 'PT422', detail = 'own_address';
  end if;
  if exists (
    select from public.contact_addresses as entry where entry.team_id = ticket.team_id and entry.address = invite_participant.address
      and entry.contact_id = client.contact_id
  ) then
    raise exception 'They are the requester of this ticket' using errcode = 'PT422', detail = 'is_requester';
  end if;
  select own.* into known from private.own_invitations(ticket) as own where own.address = invite_participant.address;
  if known.contact_id is not null then
    raise exception 'They take part already' using errcode = 'PT409', detail = 'already_participant';
  end if;
  if known.created_at > now() - interval '10 minutes' then
    return;
  end if;
  perform private.require_budget('portal_invitation', 'contact:' || client.contact_id, 10, '1 day', 10);
  insert into private.participant_invitations as invitation (team_id, ticket_id, address, invited_by)
  values (ticket.team_id, ticket.id, invite_participant.address, client.contact_id)
  on conflict on constraint participant_invitations_ticket_id_address_key do update
  set invited_by = excluded.invited_by, contact_id = null, token_hash = null, created_at = now(), expires_at = excluded.expires_at;
  if (select count(*) from private.own_invitations(ticket)) > 10 then
    raise exception 'A ticket has at most 10 invitations' using errcode = 'PT422', detail = 'invitation_limit';
  end if;
  insert into public.mails (team_id, ticket_id, kind, recipient)
  values (ticket.team_id, ticket.id, 'participant_invitation', invite_participant.address)
  on conflict do nothing; -- one waits already
end $$;

-- Withdraws an invitation of the caller: its link stops working, and a mail that waits is not sent. Raises 404 for one that does not wait
-- (any more), 409 `already_participant` for one that was confirmed.
create function portal.withdraw_invitation(team_id uuid, ticket_number integer, invitation_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(withdraw_invitation.team_id);
  ticket public.tickets := private.inviting_ticket(withdraw_invitation.team_id, withdraw_invitation.ticket_number, client.contact_id,
    client.ticket_id);
  withdrawn private.participant_invitations;
begin
  perform private.begin_client_write(client.contact_id, 'portal_reply', 60);
  select locked.* into withdrawn from private.participant_invitations as locked
  where locked.id = withdraw_invitation.invitation_id
    and locked.id in (select own.id from private.own_invitations(ticket) as own) for update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if withdrawn.contact_id is not null then
    raise exception 'They take part already' using errcode = 'PT409', detail = 'already_participant';
  end if;
  delete from private.participant_invitations as invitation where invitation.id = withdrawn.id;
end $$;

-- What an invitation is about. No row for one that does not work (any more): it has expired or was confirmed, the person who invited is no
-- longer the requester, one of both is blocked or erased, or the address has become one of the team.
create function private.invitation_details(invitation private.participant_invitations)
returns table (team_id uuid, team_name text, slug text, color text, ticket_number integer, inviter_id uuid, inviter_name text,
  invited_id uuid, locale text)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select team.id, team.name, team.slug, team.portal_color, ticket.ticket_number, inviter.id,
      private.contact_name(inviter.team_id, inviter.id), invited.id, coalesce(invited.locale, inviter.locale)
    from public.tickets as ticket
    join public.teams as team on team.id = ticket.team_id and team.deleted_at is null
    join public.contacts as known on known.id = invitation.invited_by and known.blocked_at is null
    join public.contacts as inviter on inviter.id = coalesce(known.merged_into, known.id) and inviter.id = ticket.contact_id
      and inviter.blocked_at is null and inviter.erased_at is null
    left join public.contact_addresses as entry on entry.team_id = invitation.team_id and entry.address = invitation.address
    left join public.contacts as invited on invited.id = entry.contact_id
    where ticket.id = invitation.ticket_id and invitation.contact_id is null and invitation.expires_at > now()
      and invited.blocked_at is null and invited.erased_at is null
      and not private.is_own_address(invitation.team_id, invitation.address);
end $$;

-- What the page behind the link shows. Reading confirms nothing, so programs that follow the links in mails do nothing.
create function private.participant_invitation_preview(token_hash bytea)
returns table (team_id uuid, ticket_number integer, inviter_name text, address text, locale text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select details.team_id, details.ticket_number, details.inviter_name, invitation.address, details.locale
    from private.participant_invitations as invitation, private.invitation_details(invitation) as details
    where invitation.token_hash = participant_invitation_preview.token_hash;
end $$;

-- The holder of the link takes part from now on; what was written before stays hidden from them. The event names the requester, who
-- wanted it. Begins a ticket session, and from now on the link opens the ticket like those in other mails. Raises 404 for a link that does
-- not work (any more), 409 `participant_limit` for a ticket that has 20 participants.
create function private.confirm_participant(token_hash bytea, session_hash bytea) returns void
language plpgsql security definer set search_path = '' as $$
declare
  invitation private.participant_invitations;
  details record;
  invited uuid;
  before text[];
begin
  -- First the ticket, as in portal.invite_participant(). Two people who confirm at once take turns.
  perform from public.tickets as ticket
    join private.participant_invitations as candidate on candidate.ticket_id = ticket.id
    where candidate.token_hash = confirm_participant.token_hash for no key update of ticket;
  select candidate.* into invitation from private.participant_invitations as candidate
    where candidate.token_hash = confirm_participant.token_hash for update;
  select found_details.* into details from private.invitation_details(invitation) as found_details;
  if details.team_id is null then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  invited := private.contact_with(invitation.team_id, invitation.address, null);
  if details.invited_id is null then
    update public.contacts as contact set locale = details.locale where contact.id = invited and details.locale is not null;
  end if;
  update public.contact_addresses as entry set verified_at = now()
  where entry.team_id = invitation.team_id and entry.address = invitation.address and entry.verified_at is null;
  if not exists (select from private.client_ticket_ids(invitation.team_id, invited, invitation.ticket_id, false)) then
    if (select count(*) from public.ticket_participants as entry
      where entry.team_id = invitation.team_id and entry.ticket_id = invitation.ticket_id) >= 20 then
      raise exception 'A ticket has at most 20 participants' using errcode = 'PT409', detail = 'participant_limit';
    end if;
    before := private.act_as_contact(details.inviter_id);
    insert into public.ticket_participants (team_id, ticket_id, contact_id, added_by)
    values (invitation.team_id, invitation.ticket_id, invited, null);
    perform private.stop_acting(before);
  end if;
  update private.participant_invitations as row set contact_id = invited, token_hash = null where row.id = invitation.id;
  perform private.remember_mailbox(invitation.team_id, invitation.address);
  insert into private.ticket_links (token_hash, team_id, ticket_id, contact_id)
  values (confirm_participant.token_hash, invitation.team_id, invitation.ticket_id, invited);
  insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
  values (confirm_participant.session_hash, invitation.team_id, invitation.ticket_id, invited);
end $$;

-- Ends the invitations that a contact made, and the links of those to their addresses, which could begin a ticket session. The latter stay
-- in the list of the requester, who must not learn of it.
create function private.revoke_invitations(team_id uuid, contact_ids uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
begin
  delete from private.participant_invitations as invitation
  where invitation.team_id = revoke_invitations.team_id and invitation.invited_by = any (contact_ids) and invitation.contact_id is null;
  update private.participant_invitations as invitation set token_hash = null
  where invitation.team_id = revoke_invitations.team_id and invitation.token_hash is not null and invitation.address in (
    select entry.address from public.contact_addresses as entry
    where entry.team_id = revoke_invitations.team_id and entry.contact_id = any (contact_ids)
  );
end $$;

-- Not to anon, the role of ticket sessions: their links may have been forwarded.
grant execute on function portal.invitations(uuid, integer), portal.invite_participant(uuid, integer, text),
  portal.withdraw_invitation(uuid, integer, uuid) to authenticated;
grant execute on function private.participant_invitation_preview(bytea), private.confirm_participant(bytea, bytea) to anon;
