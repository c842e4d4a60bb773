-- Records filed before handles had a form keep a handle that may be readable until their operator changes it. This index holds
-- those alone, so that counting them costs nothing once they are gone.
create index subscription_old_handle on subscription (operator)
    where not (handle like 'h1%' and length(handle) = 36);
