// Server code that the db tests import refers to this global of Nitro, but they never call it.
declare function useRuntimeConfig(): { databaseUrl: string }
