-- Introspects $SUBJECT by POST, with the caller's token from the command line's header.
wrk.method = "POST"
wrk.body = "token=" .. os.getenv("SUBJECT")
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
