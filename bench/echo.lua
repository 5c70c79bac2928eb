-- For wrk: posts 1 KiB.
wrk.method = "POST"
wrk.body = ("x"):rep(1024)
