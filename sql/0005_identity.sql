-- Who may ask: people, their sessions, and the trail of both. In a schema and with a role of their own:
-- nobody else reads a hash of a password.

DO $$
BEGIN
    -- The balance service, where it is about who asks. As teller_app has it, a password is set by whoever
    -- installs.
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'teller_identity') THEN
        CREATE ROLE teller_identity LOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA identity AUTHORIZATION teller_owner;

SET LOCAL ROLE teller_owner;

CREATE TABLE identity.people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    rights text NOT NULL,
    -- Argon2id, in PHC's string format.
    password text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- While it is there, she cannot sign in.
    disabled_at timestamptz,

    CONSTRAINT people_name_has_a_form CHECK (name ~ '^[a-z][a-z0-9._-]{1,31}$'),
    CONSTRAINT people_rights_are_known CHECK (rights IN ('customer', 'operator')),
    CONSTRAINT people_password_is_a_hash CHECK (password LIKE '$argon2id$%')
);

CREATE TABLE identity.sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- SHA-256 of the token, which is nowhere. It is random: the hash needs no salt.
    token_hash bytea NOT NULL UNIQUE,
    person bigint NOT NULL REFERENCES identity.people,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The end that no use puts off.
    expires_at timestamptz NOT NULL,
    -- By logout, by a change of the password, or by an operator.
    ended_at timestamptz,
    client text,
    source text,

    CONSTRAINT sessions_token_hash_is_sha_256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT sessions_client_is_short
        CHECK (char_length(client) BETWEEN 1 AND 140 AND client !~ '[[:cntrl:]]'),
    CONSTRAINT sessions_source_is_short CHECK (char_length(source) BETWEEN 1 AND 64)
);

CREATE INDEX sessions_of_a_person ON identity.sessions (person) WHERE ended_at IS NULL;

-- The trail. Names, and no references: what happened stays as it was.
CREATE TABLE identity.events (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event text NOT NULL,
    -- Whom it is about; NULL when that is nobody the bank knows: what was typed may be a password.
    name text,
    -- Who did it, when it was somebody else.
    done_by text,
    source text,
    trace_id text,

    CONSTRAINT events_event_is_a_code CHECK (event ~ '^[a-z][a-z_]*$'),
    CONSTRAINT events_source_is_short CHECK (char_length(source) BETWEEN 1 AND 64),
    CONSTRAINT events_trace_id_has_a_form CHECK (trace_id ~ '^[0-9a-f]{32}$')
);

GRANT USAGE ON SCHEMA identity TO teller_identity;
GRANT SELECT, INSERT ON identity.people, identity.sessions TO teller_identity;
GRANT UPDATE (password, disabled_at) ON identity.people TO teller_identity;
GRANT UPDATE (last_used_at, ended_at) ON identity.sessions TO teller_identity;
-- It is added to, and never changed.
GRANT SELECT, INSERT ON identity.events TO teller_identity;

RESET ROLE;
