-- The two roles of a bank's database. Roles belong to the whole cluster, so they may be there
-- already, or be made at this moment by the migration of another database.

DO $$
BEGIN
    -- Owns every object and migrates; nobody logs in as it.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'teller_owner') THEN
        CREATE ROLE teller_owner NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    -- The balance service. A password, where one is needed, is set by whoever installs.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'teller_app') THEN
        CREATE ROLE teller_app LOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
DECLARE
    -- From PostgreSQL 16 on a member may lack the right to SET ROLE.
    wanted text := CASE
        WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER'
    END;
BEGIN
    -- The migrations that follow become teller_owner. A superuser may do so without a grant.
    IF NOT pg_catalog.pg_has_role(current_user, 'teller_owner', wanted) THEN
        GRANT teller_owner TO CURRENT_USER;
    END IF;
END
$$;
