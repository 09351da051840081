-- Limits of mail: the level of a team, and what its mails take from the budgets.

-- The level of a team, and its daily budgets. Level 'new': mails to strangers do not repeat names and links of its people unchanged.
-- The operator of the installation can set teams.mail_level.
create function private.mail_limits(team_id uuid, out level text, out answers integer, out invitations integer, out client_mails integer,
  out to_one_mailbox integer)
language plpgsql stable security definer set search_path = '' as $$
declare
  age interval;
  has_owner boolean;
begin
  select now() - team.created_at, team.mail_level,
    exists (
      select from public.team_members as member join auth.users as account on account.id = member.user_id
      where member.team_id = team.id and member.role = 'owner' and account.email_confirmed_at is not null
    )
  into age, level, has_owner
  from public.teams as team where team.id = mail_limits.team_id;
  answers := (select count(*)
    from (select distinct known.mailbox_hash from private.known_mailboxes as known where known.team_id = mail_limits.team_id
      limit 50) as mailbox);
  level := coalesce(level, case
    when not has_owner then 'new'
    when age >= interval '90 days' or (age >= interval '30 days' and answers >= 10) then 'established'
    when age >= interval '30 days' or (age >= interval '7 days' and answers >= 3) then 'known'
    else 'new'
  end);
  invitations := case level when 'established' then 200 when 'known' then 50 else least(10 + 2 * answers, 40) end;
  client_mails := case level when 'established' then 20000 when 'known' then 1000 else least(30 + 5 * answers, 200) end;
  to_one_mailbox := case level when 'established' then 50 when 'known' then 20 else 6 end;
end $$;

-- When the oldest of the last `size` mails of a budget is a day old; null while the budget has room.
create function private.budget_frees_at(size integer, team_id uuid, kind text, sender_hash bytea, mailbox_hash bytea, of_new_teams boolean)
  returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  condition text := 'taken.taken_at > now() - interval ''1 day''';
  frees_at timestamptz;
begin
  -- Dynamic SQL, so that each combination is planned for its own index.
  if budget_frees_at.team_id is not null then condition := condition || ' and taken.team_id = $2'; end if;
  if budget_frees_at.kind is not null then condition := condition || ' and taken.kind = $3'; end if;
  if budget_frees_at.sender_hash is not null then condition := condition || ' and taken.sender_hash = $4'; end if;
  if budget_frees_at.mailbox_hash is not null then condition := condition || ' and taken.mailbox_hash = $5'; end if;
  if budget_frees_at.of_new_teams then condition := condition || ' and taken.is_new_team'; end if;
  execute 'select taken.taken_at + interval ''1 day'' from private.stranger_mails as taken where ' || condition
    || ' order by taken.taken_at desc offset $1 limit 1'
    into frees_at
    using budget_frees_at.size - 1, budget_frees_at.team_id, budget_frees_at.kind, budget_frees_at.sender_hash,
      budget_frees_at.mailbox_hash;
  return frees_at;
end $$;

-- Takes one mail to a stranger from all of its budgets, or returns when to try again and why. The locks are held until the end of the
-- transaction, so that parallel mails cannot both take the last place.
-- The team's own budgets are checked first, and their refusals give numbers and times. The team must not learn about mails of other
-- teams, or about mails of this person in other teams. So these refusals all give the same reason and the same wait.
create function private.take_stranger_mail(team_id uuid, kind text, address text, sender_id uuid, mail_id uuid default null,
  out frees_at timestamptz, out reason text)
language plpgsql security definer set search_path = '' as $$
declare
  limits record;
  sender bytea := private.sender_hash(take_stranger_mail.sender_id);
  mailbox bytea := private.mailbox_hash(take_stranger_mail.address);
  is_new boolean;
  size integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('mail budget of ' || take_stranger_mail.team_id, 0));
  if exists (select from private.stranger_mails as taken where taken.mail_id = take_stranger_mail.mail_id) then
    return;
  end if;
  limits := private.mail_limits(take_stranger_mail.team_id);
  is_new := limits.level = 'new';
  size := case take_stranger_mail.kind when 'invitation' then limits.invitations else limits.client_mails end;
  select own.frees_at, own.reason into take_stranger_mail.frees_at, take_stranger_mail.reason
  from (values
    (1, private.budget_frees_at(size, take_stranger_mail.team_id, take_stranger_mail.kind, null, null, false),
      case take_stranger_mail.kind
        when 'invitation' then format('This team may mail %s invitations in 24 hours', size)
        else format('This team may send %s mails in 24 hours to people who have not answered it', size)
      end),
    (2, private.budget_frees_at(case take_stranger_mail.kind when 'invitation' then 3 else limits.to_one_mailbox end,
      take_stranger_mail.team_id, take_stranger_mail.kind, null, mailbox, false),
      case take_stranger_mail.kind
        when 'invitation' then 'A mailbox gets 3 invitations to a team in 24 hours'
        else format('A mailbox that has not answered this team gets %s of its mails in 24 hours', limits.to_one_mailbox)
      end),
    -- The share of a new team in the mails that a mailbox gets from all new teams. Its invitations count, too.
    (3, case when is_new then private.budget_frees_at(limits.to_one_mailbox, take_stranger_mail.team_id, null, null, mailbox, false) end,
      format('A mailbox that has not answered this team gets %s of its mails in 24 hours', limits.to_one_mailbox))
  ) as own (place, frees_at, reason)
  where own.frees_at is not null
  order by own.frees_at desc, own.place limit 1;
  if found then
    return;
  end if;
  if is_new then
    perform pg_advisory_xact_lock(hashtextextended('mail budget of new teams', 0));
    -- Two shares: neither one team, nor one person in several teams, can use up what a mailbox gets from all new teams.
    if (sender is not null and private.budget_frees_at(size * 3 / 2, null, take_stranger_mail.kind, sender, null, true) is not null)
      or (sender is not null and private.budget_frees_at(limits.to_one_mailbox, null, null, sender, mailbox, true) is not null)
      or private.budget_frees_at(2 * limits.to_one_mailbox, null, null, null, mailbox, true) is not null then
      frees_at := now() + interval '3 hours';
      reason := case take_stranger_mail.kind when 'invitation' then 'This mail cannot be sent now'
        else 'This address has not answered the team yet' end;
      return;
    end if;
  end if;
  insert into private.stranger_mails (team_id, kind, sender_hash, mailbox_hash, is_new_team, mail_id)
  values (take_stranger_mail.team_id, take_stranger_mail.kind, sender, mailbox, is_new, take_stranger_mail.mail_id);
end $$;

-- The same for an action of a person: it is refused with the seconds to wait, and takes nothing from the budgets.
create function private.require_stranger_mail(team_id uuid, kind text, address text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  taken record := private.take_stranger_mail(require_stranger_mail.team_id, require_stranger_mail.kind, require_stranger_mail.address,
    (select auth.uid()));
begin
  if taken.frees_at is not null then
    raise exception '%; try again later', taken.reason using errcode = 'PT429', detail = 'mail_budget',
      hint = ceil(extract(epoch from taken.frees_at - now()))::text;
  end if;
end $$;

create function private.team_mail_budget(team_id uuid)
returns table (level text, answers integer, kind text, size integer, used integer, frees_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(team_mail_budget.team_id, 'jobs.manage');
  return query
    select limits.level, limits.answers, budget.kind, budget.size,
      (select count(*)::integer from private.stranger_mails as taken
        where taken.team_id = team_mail_budget.team_id and taken.kind = budget.kind and taken.taken_at > now() - interval '1 day'),
      private.budget_frees_at(budget.size, team_mail_budget.team_id, budget.kind, null, null, false)
    from private.mail_limits(team_mail_budget.team_id) as limits
    cross join lateral (values ('invitation', limits.invitations), ('client', limits.client_mails)) as budget (kind, size);
end $$;
grant execute on function private.team_mail_budget(uuid) to authenticated;
