-- Stores the settings of a queue: `Coordination::set_queue`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           queue
-- ARGV[3]           the version that is replaced
-- ARGV[4]           '1' when paused
-- ARGV[5…6]         by whom, why
-- Returns           1, or 0 where the version is another one

local version = 0
local stored = call('HGET', key.queues, ARGV[2])
if stored then version = read('>I7', stored, 2) end
if version ~= tonumber(ARGV[3]) then return 0 end
write_although_full()
call('HSET', key.queues, ARGV[2],
     write('>BI7I4c0I4c0', tonumber(ARGV[4]), version + 1, #ARGV[5], ARGV[5], #ARGV[6], ARGV[6]))
tell('queue/' .. ARGV[2])
tell('settings')
return 1
