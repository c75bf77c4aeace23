-- Changes parameters of a job: `JobStore::set_parameters`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           job
-- ARGV[3]           changes, packed as in session.lua
-- Returns           1, or 0 where there is no such job

begin_work()
local job = get(ARGV[2])
if not job then return 0 end
change_parameters(job, ARGV[3])
if #order > 0 then flush() end
return 1
