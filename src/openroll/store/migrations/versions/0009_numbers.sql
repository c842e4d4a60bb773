-- The counter of records follows the mark outside the database (service/numbers.py) and is moved with it. A role that
-- files could move it past all numbers there are, or count by itself; so none of them may touch it any more.
revoke usage on sequence record_number from openroll_operator, openroll_subscriber, openroll_registrar;
-- Whoever files looks first whether the database has come as far as what was signed (service/rollback_guard.py).
grant select on head to openroll_operator, openroll_subscriber;
