-- Which executions are no longer held: `JobStore::revoked`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2…]          per execution: id, epoch
-- Returns           per execution that is not held: which (from 1), state of the job or ''

local answer = {}
for i = 2, #ARGV, 2 do
  local job = get(ARGV[i])
  if not (job and job.kind == RUNNING and job.epoch == tonumber(ARGV[i + 1])) then
    answer[#answer + 1] = i / 2
    answer[#answer + 1] = job and state_of(job) or ''
  end
end
return answer
