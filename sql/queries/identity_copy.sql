copy pg_temp.stage_identity from stdin (format binary)
