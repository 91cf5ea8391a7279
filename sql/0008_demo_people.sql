-- Who still has the password that the demo gave her: one that others may have read. A bank-server that others
-- reach by plain HTTP does not answer while there is anybody.

SET LOCAL ROLE teller_owner;

ALTER TABLE identity.people ADD COLUMN has_demo_password boolean NOT NULL DEFAULT false;

-- Of those who are there already, the trail tells who has another one.
UPDATE identity.people SET has_demo_password = true
WHERE name IN ('alice', 'bruno', 'chiara', 'daniel', 'emi', 'operator')
    AND NOT EXISTS (
        SELECT FROM identity.events
        WHERE events.name = people.name
            AND (event = 'password_changed' OR event = 'user_reset' AND done_by IS NOT NULL)
    );

GRANT SELECT (has_demo_password) ON identity.people TO teller_app;
GRANT UPDATE (has_demo_password) ON identity.people TO teller_identity;

RESET ROLE;
