-- Raises a server's number: `Coordination::heartbeat`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           server
-- Returns           {1 where it is known, 1 where it was asked to stop,
--                   per server: id, number, host, lock, lease}

local known = call('EXISTS', key.server .. ARGV[2])
if known == 1 then
  write_although_full()
  call('HINCRBY', key.server .. ARGV[2], 'beat', 1)
  call('HSET', key.server .. ARGV[2], 'seen', now)
end
local answer = {known, call('HGET', key.server .. ARGV[2], 'stop') and 1 or 0}
for _, server in ipairs(call('ZRANGE', key.servers, 0, -1)) do
  answer[#answer + 1] = server
  for _, value in ipairs(call('HMGET', key.server .. server, 'beat', 'host', 'lock', 'lease')) do
    answer[#answer + 1] = value
  end
end
return answer
