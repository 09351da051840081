import { acme, initech, unknownId } from '../world.ts'
import { everybody, managers } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const { type, item } = acme

export const categories: AuthorizationRow[] = [
  {
    does: 'reads categories',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/cti/categories', status: 200 },
    sql: { table: 'public.ticket_categories', run: sql => sql`select * from ticket_categories where team_id = ${acme.id}` }
  },
  {
    does: 'reads types',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/cti/types', status: 200 },
    sql: { table: 'public.ticket_types', run: sql => sql`select * from ticket_types where id = ${type}` }
  },
  {
    does: 'reads items',
    by: everybody,
    key: 'read',
    client: 'own',
    route: { request: 'GET /teams/[teamId]/cti/items', status: 200 },
    sql: { table: 'public.ticket_items', run: sql => sql`select * from ticket_items where id = ${item}` }
  },
  {
    does: 'adds a category',
    by: managers,
    route: { request: 'POST /teams/[teamId]/cti/categories', status: 201, body: () => ({ name: 'Hardware' }) },
    sql: {
      table: 'public.ticket_categories',
      run: sql => sql`insert into ticket_categories (team_id, key, name) values (${acme.id}, 'hardware', 'Hardware') returning id`
    }
  },
  {
    does: 'adds a type',
    by: managers,
    route: { request: 'POST /teams/[teamId]/cti/types', status: 201, body: team => ({ category_id: team.category, name: 'Printing' }) },
    sql: {
      table: 'public.ticket_types',
      run: sql => sql`insert into ticket_types (team_id, category, name) values (${acme.id}, 'bug', 'Printing') returning id`
    }
  },
  {
    does: 'adds an item',
    by: managers,
    route: { request: 'POST /teams/[teamId]/cti/items', status: 201, body: team => ({ type_id: team.type, name: 'Switch' }) },
    sql: {
      table: 'public.ticket_items',
      run: sql => sql`insert into ticket_items (team_id, type_id, name) values (${acme.id}, ${type}, 'Switch') returning id`
    }
  },
  ...(['PATCH', 'PUT'] as const).flatMap((method): AuthorizationRow[] => [
    {
      does: 'renames a category',
      by: managers,
      route: {
        request: `${method} /teams/[teamId]/cti/categories/[categoryId]`,
        status: 200,
        parameters: team => ({ categoryId: team.category }),
        body: () => ({ name: 'Other bugs' })
      }
    },
    {
      does: 'renames a type',
      by: managers,
      route: {
        request: `${method} /teams/[teamId]/cti/types/[typeId]`,
        status: 200,
        parameters: team => ({ typeId: team.type }),
        body: () => ({ name: 'Other' })
      }
    },
    {
      does: 'renames an item',
      by: managers,
      route: {
        request: `${method} /teams/[teamId]/cti/items/[itemId]`,
        status: 200,
        parameters: team => ({ itemId: team.item }),
        body: () => ({ name: 'Other' })
      }
    }
  ]),
  {
    does: 'deletes a category',
    by: managers,
    route: {
      request: 'DELETE /teams/[teamId]/cti/categories/[categoryId]',
      status: 204,
      parameters: team => ({ categoryId: team.category })
    },
    sql: {
      table: 'public.ticket_categories',
      run: sql => sql`delete from ticket_categories where team_id = ${acme.id} and key = 'question' returning id`
    }
  },
  {
    does: 'deletes a type',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/cti/types/[typeId]', status: 204, parameters: team => ({ typeId: team.type }) },
    sql: { table: 'public.ticket_types', run: sql => sql`delete from ticket_types where id = ${type} returning id` }
  },
  {
    does: 'deletes an item',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/cti/items/[itemId]', status: 204, parameters: team => ({ itemId: team.item }) },
    sql: { table: 'public.ticket_items', run: sql => sql`delete from ticket_items where id = ${item} returning id` }
  },
  {
    does: 'renames a category',
    by: managers,
    sql: {
      table: 'public.ticket_categories',
      run: sql => sql`
      update ticket_categories set name = 'Defect', portal_name = 'Defect', position = 9 where team_id = ${acme.id} and key = 'bug'
      returning id`
    }
  },
  {
    does: 'changes the key of a category',
    by: [],
    sql: {
      table: 'public.ticket_categories',
      run: sql => sql`update ticket_categories set key = 'defect' where team_id = ${acme.id} and key = 'bug' returning id`
    }
  },
  {
    does: 'moves a category to another team',
    by: [],
    sql: {
      table: 'public.ticket_categories',
      run: sql => sql`update ticket_categories set team_id = ${initech.id} where team_id = ${acme.id} and key = 'bug' returning id`
    }
  },
  {
    does: 'chooses the id of a new category',
    by: [],
    sql: {
      table: 'public.ticket_categories',
      run: sql => sql`
      insert into ticket_categories (id, team_id, key, name) values (gen_random_uuid(), ${acme.id}, 'hardware', 'Hardware') returning id`
    }
  },
  {
    does: 'deletes a category with delete_routing()',
    by: managers,
    sql: {
      table: 'public.ticket_categories',
      calls: 'delete_routing',
      run: sql => sql`select private.delete_routing(${acme.id}, 'category', ${acme.category})`
    }
  },
  {
    does: 'renames a type',
    by: managers,
    sql: {
      table: 'public.ticket_types',
      run: sql => sql`update ticket_types set name = 'Wires', position = 9 where id = ${type} returning id`
    }
  },
  {
    does: 'moves a type to another category',
    by: [],
    sql: { table: 'public.ticket_types', run: sql => sql`update ticket_types set category = 'billing' where id = ${type} returning id` }
  },
  {
    does: 'moves a type to another team',
    by: [],
    sql: { table: 'public.ticket_types', run: sql => sql`update ticket_types set team_id = ${initech.id} where id = ${type} returning id` }
  },
  {
    does: 'chooses the id of a new type',
    by: [],
    sql: {
      table: 'public.ticket_types',
      run: sql =>
        sql`insert into ticket_types (id, team_id, category, name) values (${unknownId}, ${acme.id}, 'bug', 'Printing') returning id`
    }
  },
  {
    does: 'renames an item',
    by: managers,
    sql: {
      table: 'public.ticket_items',
      run: sql => sql`update ticket_items set name = 'Tunnel', position = 9 where id = ${item} returning id`
    }
  },
  {
    does: 'moves an item to another type',
    by: [],
    sql: {
      table: 'public.ticket_items',
      run: sql => sql`update ticket_items set type_id = ${initech.type} where id = ${item} returning id`
    }
  },
  {
    does: 'moves an item to another team',
    by: [],
    sql: { table: 'public.ticket_items', run: sql => sql`update ticket_items set team_id = ${initech.id} where id = ${item} returning id` }
  },
  {
    does: 'chooses the id of a new item',
    by: [],
    sql: {
      table: 'public.ticket_items',
      run: sql =>
        sql`insert into ticket_items (id, team_id, type_id, name) values (${unknownId}, ${acme.id}, ${type}, 'Switch') returning id`
    }
  }
]
