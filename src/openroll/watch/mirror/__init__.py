"""A mirror: a verified copy of any C2SP log as files that any web server can serve, and of a roll's public pages beside it.

`proved` checks each file from the signed root down, `folder` is the copy on disk, `heads` compares what the log says now with
what it said before, `copying` is one run in numbered steps; `links` and `site` copy a roll's pages.
"""
