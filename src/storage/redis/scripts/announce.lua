-- Puts a server on the list: `Coordination::announce`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           server
-- ARGV[3…8]         name, host, lock, lease, workers, version of the library
-- ARGV[9]           number of queues, then the queues, then the names of jobs that it can run
-- Returns           1 for a new one

local server = ARGV[2]
local is_new = call('EXISTS', key.server .. server) == 0
write_although_full()
call('HSET', key.server .. server, 'name', ARGV[3], 'host', ARGV[4], 'lock', ARGV[5], 'lease', ARGV[6],
     'workers', ARGV[7], 'version', ARGV[8], 'seen', now)
call('HDEL', key.server .. server, 'stop')
if is_new then
  call('HSET', key.server .. server, 'beat', 1, 'started', now)
  call('ZADD', key.servers, call('HINCRBY', P, 'servers', 1), server)
end
local queues, names = {}, {}
local last = 9 + tonumber(ARGV[9])
for i = 10, #ARGV do
  local list = i <= last and queues or names
  list[#list + 1] = ARGV[i]
end
local function packed(list)
  local parts = {}
  for i, text in ipairs(list) do parts[i] = write('>I4c0', #text, text) end
  return concat(parts)
end
call('HSET', key.server .. server, 'queues', packed(queues), 'names', packed(names))
call('DEL', key.handlers .. server)
spread('SADD', key.handlers .. server, names)
return is_new and 1 or 0
