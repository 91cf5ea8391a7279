-- Whose an account is, and who asked for what is recorded: the name that a person signs in with.
--
-- NULL is nobody, such as of the bank's own accounts, and of all that is older than people. Texts without a
-- CHECK: that of an account would be worked out anew with each change of its balance, and a domain's would
-- write the tables anew. The service writes no others than it has read as a name.

SET LOCAL ROLE teller_owner;

ALTER TABLE teller.accounts ADD COLUMN owner text;

ALTER TABLE teller.transfers ADD COLUMN requested_by text;

-- Of an account to open, whose it is to be.
ALTER TABLE teller.account_requests ADD COLUMN owner text, ADD COLUMN requested_by text;

-- It never changes with a balance, so that these updates stay on their page.
CREATE INDEX accounts_of_an_owner ON teller.accounts (owner, id) WHERE owner IS NOT NULL;

RESET ROLE;
