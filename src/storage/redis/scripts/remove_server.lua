-- Takes a server off the list: `Coordination::remove`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           server
-- Returns           how many jobs it gave back

local server = ARGV[2]
if call('EXISTS', key.server .. server) == 0 then return 0 end
begin_work()
local held = held_by(server)
for _, job in ipairs(held) do requeue(job, SHUTDOWN) end
strike(server)
flush()
return #held
