-- What a plan cost the server for nothing: people who do not act, and rules that were read anew in every
-- statement. Run once, as the owner, in the transaction of the migration.

-- session_user is a `name`, which compares by the collation "C". By an index in that of the database nobody is
-- found: all people were read, twice for each fact, and locked as a whole for SERIALIZABLE transactions.
create index account_signed_in on account (name collate "C");
drop index case_head_assigned_to;
create index case_head_assigned_to on case_head (assigned_to collate "C") where assigned_to is not null;

-- The text of a CHECK is read anew in every statement: this one says the same in a third of the words. What no
-- round follows, one_pending refuses.
alter table submission
    drop constraint submission_round_follows,
    add constraint submission_round_follows check (previous_round is not distinct from nullif(round - 1, 0));

-- As in revision 0006, but that it asks itself which facts it is about: a condition of the trigger would be
-- read anew in every statement, too.
create or replace function event_follows() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    approved decision%rowtype;
begin
    if new.type not in ('signed', 'payment_posted', 'kept', 'broken') then
        return new;
    end if;
    select * into approved from decision where case_id = new.case_id and outcome = 'approved'
        and fingerprint = new.body::json ->> 'fingerprint' limit 1;
    if not found then
        perform refuse('follows_approval');
    end if;
    if new.type = 'broken' and approved.maker = new.actor then
        perform refuse('maker_breaks');
    end if;
    return new;
end $$;
create or replace trigger event_follows before insert on event
    for each row execute function event_follows();
