-- Clocks have names: C1 becomes 'first-response', and so on. The numbers stay in the city's data, and in events, which
-- are never changed: src/records/requests/event-clocks.ts reads them there.

create function clock_name(code text) returns text language sql immutable as $$
  select coalesce('{
    "C1": "first-response", "C2": "estimate", "C3": "clarification", "C4": "employee-notice",
    "C5": "third-party-notice", "C6": "claim", "C7": "payment", "C8": "final-action",
    "C9": "petition", "C10": "court-limit", "C11": "bot-window", "C12": "retention"
  }'::jsonb ->> code, code)
$$;

update records_clocks set
  clock = clock_name(clock),
  basis = case when basis ? 'clock' then jsonb_set(basis, '{clock}', to_jsonb(clock_name(basis ->> 'clock'))) else basis end;
alter table records_clocks add constraint records_clocks_have_names check (clock in
  ('first-response', 'estimate', 'clarification', 'employee-notice', 'third-party-notice', 'claim', 'payment',
   'final-action', 'petition', 'court-limit', 'bot-window', 'retention'));

-- The same facts in other words are no change of a request: its version stays.
alter table records_requests disable trigger records_requests_are_guarded;
update records_requests set
  next_duty = clock_name(next_duty),
  facts = facts
    || case when facts -> 'notice' ? 'clock' then jsonb_build_object('notice',
         jsonb_set(facts -> 'notice', '{clock}', to_jsonb(clock_name(facts #>> '{notice,clock}')))) else '{}' end
    || case when jsonb_typeof(facts -> 'reminders') = 'object' then jsonb_build_object('reminders',
         (select coalesce(jsonb_object_agg(clock_name(key), value), '{}') from jsonb_each(facts -> 'reminders'))) else '{}' end
where next_duty is not null or facts -> 'notice' ? 'clock' or facts @? '$.reminders.*';
alter table records_requests enable trigger records_requests_are_guarded;

drop function clock_name(text);
