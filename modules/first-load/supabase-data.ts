// The browser uses Supabase for sign-in and Realtime only; data goes through /api.
function refuse(): never {
  throw new Error('Data goes through /api: the browser has no Supabase client for tables, files and functions')
}

export class PostgrestClient {
  from = refuse
  schema = refuse
  rpc = refuse
}

export class StorageClient {
  from = refuse
}

export class FunctionsClient {
  invoke = refuse
}

export class PostgrestError extends Error {}
export class StorageApiError extends Error {}
export class FunctionsError extends Error {}
export class FunctionsFetchError extends Error {}
export class FunctionsHttpError extends Error {}
export class FunctionsRelayError extends Error {}
export const FunctionRegion = {}
