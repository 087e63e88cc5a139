-- Who acts is looked up by an index, and what was asked twice, or read anew in every statement, is not. Run
-- once, as the owner, in the transaction of the migration.

-- session_user is a `name`, which compares by the collation "C". By an index in that of the database nobody is
-- found: all people were read, twice for each fact, and locked as a whole for SERIALIZABLE transactions.
create index account_signed_in on account (name collate "C");
drop index case_head_assigned_to;
create index case_head_assigned_to on case_head (assigned_to collate "C") where assigned_to is not null;
