-- For wrk: sends 16 requests at a time.
init = function()
    local one = wrk.format("GET", "/plaintext")
    batch = one:rep(16)
end

request = function()
    return batch
end
