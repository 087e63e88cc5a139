-- A signature, a payment and an end belong to a content that was approved for this case, and whoever
-- made it does not declare it broken. Run once, as the owner, in the transaction of the migration.
--
-- Triggers fire in the order of their names: event_enters has compared the person by now.
create function event_follows() returns trigger
    language plpgsql security definer set search_path = plan_assistant, pg_temp
    as $$
declare
    approved decision%rowtype;
begin
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
revoke execute on function event_follows() from public;
create trigger event_follows before insert on event for each row
    when (new.type in ('signed', 'payment_posted', 'kept', 'broken'))
    execute function event_follows();
