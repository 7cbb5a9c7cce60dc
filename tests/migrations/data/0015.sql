insert into person (id, kind, name, language, created_at)
values ('00000000-0000-4000-8000-000000000001', 'resident', 'Mary Example', 'en', now());
insert into contact (id, person_id, channel, value, created_at, confirmed_at)
values ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'email', 'mary@example.org', now(), now());
insert into password (person_id, username, hash, changed_at)
values ('00000000-0000-4000-8000-000000000001', 'mary', '$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA', now());
insert into audit_event (at, authority, act, object, outcome, request_id, details)
values (now(), 'self', 'sign-in', '', 'done', 'r', '{}');
insert into outbox_message (id, person_id, channel, template, language, address, fields, created_at, state)
values ('00000000-0000-4000-8000-000000000003', '00000000-0000-4000-8000-000000000001', 'email', 'reset', 'en', 'a', 'f', now(), 'waiting');
insert into rent_import (id, source, night, loaded_at, accounts, tenants, lines, doubtful)
values ('00000000-0000-4000-8000-000000000004', 'rentsense', '2026-11-24', now(), 1, 1, 2, 0);
insert into rent_account (id, source, reference, tenancy_reference, kind, starts_on, opening_pence, balance_pence, stated_pence, charged_on)
values ('00000000-0000-4000-8000-000000000005', 'rentsense', '7204011836', '069332/01', 'home', '2026-11-02', 0, 6235, 6235, '2026-11-23');
insert into rent_tenant (id, account_id, identity, title, first_name, last_name, address)
values ('00000000-0000-4000-8000-000000000006', '00000000-0000-4000-8000-000000000005', 'mary example|1980-02-01', '', 'Mary', 'Example', E'14 Weavers Row\nMillbrook\nZZ1 1AA');
insert into rent_line (account_id, posted_on, dated_on, code, kind, description, amount_pence, occurrence)
values ('00000000-0000-4000-8000-000000000005', '2026-11-23', '2026-11-23', 'DBR', 'charge', 'Basic Rent (No VAT)', 11235, 1),
       ('00000000-0000-4000-8000-000000000005', '2026-11-24', '2026-11-24', 'RSO', 'payment', 'Standing Order', -5000, 1);
insert into link (id, person_id, service, target, how, level, since)
values ('00000000-0000-4000-8000-000000000007', '00000000-0000-4000-8000-000000000001', 'rent', '00000000-0000-4000-8000-000000000006', 'activation-code', 2, now());
insert into snapshot (link_id, service, sealed, taken_at)
values ('00000000-0000-4000-8000-000000000007', 'rent', 's', now());
insert into asked (id, person_id, act, question, asked_at, about)
values ('00000000-0000-4000-8000-000000000008', '00000000-0000-4000-8000-000000000001', 'library.renew', 'q', now(), 'a');
insert into library_card (id, person_id, number, number_hash, last_four, is_own, wants_reminders)
values ('00000000-0000-4000-8000-000000000009', '00000000-0000-4000-8000-000000000001', 'n', 'h', '4321', true, true);
insert into library_pin (id, card_id, pin)
values ('00000000-0000-4000-8000-000000000010', '00000000-0000-4000-8000-000000000009', 'p');
insert into library_outcome (id, card_id, thing, told, at, shown_until)
values ('00000000-0000-4000-8000-000000000011', '00000000-0000-4000-8000-000000000009', 't', 's', now(), now());
insert into library_reminder (card_id, thing, sent_at)
values ('00000000-0000-4000-8000-000000000009', 't', now());
insert into energy_check (person_id, kept_at, answers, with_health)
values ('00000000-0000-4000-8000-000000000001', now(), 'a', false);
insert into energy_permission (person_id, given, at)
values ('00000000-0000-4000-8000-000000000001', true, now());
insert into audit_seal (number, sealed_at, events, root, hash, key, signature)
values (1, now(), 1, 'r', 'h', 'k', 's');
insert into audit_leaf (event_id, seal, delete_on, digest, salt)
select id, 1, '2033-01-01', 'd', 's' from audit_event limit 1;
insert into audit_head (day, signed_at, seal, hash, key, signature)
values ('2026-11-24', now(), 1, 'h', 'k', 's');
insert into person (id, kind, name, language, created_at)
values ('00000000-0000-4000-8000-000000000012', 'staff', 'Tom Reyes', 'en', now()),
       ('00000000-0000-4000-8000-000000000013', 'staff', 'Ada Second', 'en', now());
insert into staff_team (person_id, team)
values ('00000000-0000-4000-8000-000000000012', 'desk');
insert into staff_relation (staff_id, subject_id, noted_at)
values ('00000000-0000-4000-8000-000000000013', '00000000-0000-4000-8000-000000000001', now());
insert into staff_home (staff_id, reference, noted_at)
values ('00000000-0000-4000-8000-000000000013', '7204011836', now());
insert into help (id, subject_id, staff_id, team, reason, words, agreement, agreed, services, acts, started_at, ends_at)
values ('00000000-0000-4000-8000-000000000014', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000012',
        'desk', 'question', 'w', 'phone', 'a', '{rent}', true, now(), now() + interval '15 minutes');
insert into help_change (id, help_id, at, what, old, new)
values ('00000000-0000-4000-8000-000000000015', '00000000-0000-4000-8000-000000000014', now(), 'account.language', 'o', 'n');
insert into help_extension (id, help_id, at, until, words)
values ('00000000-0000-4000-8000-000000000016', '00000000-0000-4000-8000-000000000014', now(), now(), 'w');
insert into help_objection (help_id, at, words)
values ('00000000-0000-4000-8000-000000000014', now(), 'w');
insert into help_sample (month, place, help_id, drawn_at)
values ('2026-11-01', 1, '00000000-0000-4000-8000-000000000014', now());
insert into help_request (id, staff_id, subject_id, why, words, asked_at, answered_at, answered_by, answer, good_until)
values ('00000000-0000-4000-8000-000000000017', '00000000-0000-4000-8000-000000000012', '00000000-0000-4000-8000-000000000001',
        'restricted', 'w', now(), now(), '00000000-0000-4000-8000-000000000013', 'yes', now()),
       ('00000000-0000-4000-8000-000000000018', '00000000-0000-4000-8000-000000000012', '00000000-0000-4000-8000-000000000001',
        'restricted', 'w', now(), null, null, null, null);
insert into contact_change (id, contact_id, help_id, kind, asked_at)
values ('00000000-0000-4000-8000-000000000019', '00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000014', 'remove', now());
insert into internet_branch (id, code, name, address, on_bank_holidays, is_open)
values ('00000000-0000-4000-8000-000000000020', 'CEN', '{"en": "Central"}', '4 Mill Lane', false, true);
insert into internet_opening (branch_id, weekday, opens, closes)
values ('00000000-0000-4000-8000-000000000020', 0, 540, 1020);
insert into internet_exception (branch_id, day, why)
values ('00000000-0000-4000-8000-000000000020', '2026-12-24', '{"en": "Works"}');
insert into internet_computer (id, branch_id, name, kind, status)
values ('00000000-0000-4000-8000-000000000021', '00000000-0000-4000-8000-000000000020', '1', 'standard', 'in-service');
insert into internet_rule (id, who, from_day, minutes_a_day, minutes_a_session, bookings_at_once, days_ahead, grace_minutes, stops_before, extend_by, on_line, kinds)
values ('00000000-0000-4000-8000-000000000022', 'adult', '2026-01-01', 120, 60, 2, 7, 10, 15, 30, true, '{standard}');
insert into internet_policy (from_moment, body)
values ('2026-01-01T00:00Z', '{"en": "Be kind."}');
insert into internet_member (person_id, last_branch_id)
values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000020');
insert into internet_guest (id, branch_id, day, minutes, made_at)
values ('00000000-0000-4000-8000-000000000023', '00000000-0000-4000-8000-000000000020', '2026-11-24', 60, now());
insert into internet_day (holder, day, allowed, granted, taken)
values ('00000000-0000-4000-8000-000000000001', '2026-11-24', 120, 0, 0);
insert into internet_booking (id, computer_id, person_id, how, day, starts_at, ends_at, held_until, made_at, by_staff)
values ('00000000-0000-4000-8000-000000000024', '00000000-0000-4000-8000-000000000021', '00000000-0000-4000-8000-000000000001', 'booked',
        '2026-11-24', '2026-11-24T12:00Z', '2026-11-24T13:00Z', '2026-11-24T12:10Z', now(), false);
insert into internet_waiting (id, person_id, branch_id, minutes, day, asked_at)
values ('00000000-0000-4000-8000-000000000025', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000020', 60, '2026-11-24', now());
insert into internet_count (branch_id, day, hour, what, count)
values ('00000000-0000-4000-8000-000000000020', '2026-11-24', 10, 'waited', 1);
insert into internet_program (computer_id, key)
values ('00000000-0000-4000-8000-000000000021', 'k');
