// What Nitro would give to the parts of the server that tests of the database import; they call none of it.
declare function useRuntimeConfig(): { databaseUrl: string }
