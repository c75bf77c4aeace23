-- All servers, by their start: `Monitoring::servers`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- Returns           per server: id, name, host, lock, lease, workers, queues, names (packed), started,
--                   seen, jobs held, '1' where it was asked to stop, version of the library

local answer = {}
for _, server in ipairs(call('ZRANGE', key.servers, 0, -1)) do
  answer[#answer + 1] = server
  for _, value in ipairs(call('HMGET', key.server .. server, 'name', 'host', 'lock', 'lease', 'workers',
                              'queues', 'names', 'started', 'seen', 'held', 'stop')) do
    answer[#answer + 1] = value or '0'
  end
  answer[#answer + 1] = call('HGET', key.server .. server, 'version') or ''
end
return answer
