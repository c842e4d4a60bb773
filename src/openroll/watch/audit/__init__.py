"""Following a log from outside and showing to others what does not agree, by evidence that needs no server and no trust."""
