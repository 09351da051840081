-- Ticket rows: a ticket as lists, answers, broadcasts and webhooks show it: its columns, the names of what they refer to, and its tags.

-- security_invoker: the caller reads the tables below under their own policies. In `private`, so that the Data API does not publish it.
-- Columns that a query does not select cost nothing: Postgres drops their joins and subqueries.
create view private.ticket_rows with (security_invoker = true) as
select
  ticket.*,
  left(ticket.description, 280) as excerpt,
  coalesce(category.name, ticket.category) as category_name,
  type.name as type_name,
  item.name as item_name,
  (select project.name from public.projects as project where project.id = ticket.project_id) as project_name,
  case when assignee.id is not null then
    jsonb_build_object('id', assignee.id, 'full_name', assignee.full_name, 'avatar_url', assignee.avatar_url)
  end as assignee,
  assignee.full_name as assignee_name,
  coalesce(
    case when ticket.channel in ('portal', 'email') then coalesce(ticket.requester_name, ticket.requester_email) end,
    (select person.full_name from public.profiles as person where person.id = ticket.created_by)
  ) as created_by_name,
  array(
    select label.tag from public.ticket_tags as label
    where label.team_id = ticket.team_id and label.ticket_id = ticket.id
    order by label.tag collate "und-x-icu"
  ) as tags
from public.tickets as ticket
left join public.profiles as assignee on assignee.id = ticket.assigned_to
left join public.ticket_categories as category on category.team_id = ticket.team_id and category.key = ticket.category
left join public.ticket_types as type on type.team_id = ticket.team_id and type.id = ticket.type_id
left join public.ticket_items as item on item.team_id = ticket.team_id and item.id = ticket.item_id;
comment on view private.ticket_rows is 'Tickets as lists show them';
grant select on private.ticket_rows to authenticated, service_role;

-- The ticket as broadcasts and webhooks carry it; null if it was deleted.
create function private.ticket_row(team_id uuid, ticket_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  ticket private.ticket_rows;
begin
  select * into ticket from private.ticket_rows as row where row.team_id = ticket_row.team_id and row.id = ticket_row.ticket_id;
  if not found then
    return null;
  end if;
  -- Emptied before the conversion: so a long description is neither decompressed nor converted to JSON.
  ticket.description := null;
  ticket.search := null;
  return to_jsonb(ticket) - '{description,search}'::text[];
end $$;
