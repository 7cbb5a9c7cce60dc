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
